import { createApp, createSSRApp } from 'vue';
import { afterCallback, scopewise } from 'scopewise/vue';
import { App } from './vue-parts.js';
import { made, settings } from './settings.js';

const { options, other, hydrates, asking, ...props } = settings;
const mount = (id: string, options: typeof settings.options, create = createApp) => create(App, props as any).use(scopewise, afterCallback(made(options)), asking).mount(`#${id}`);

mount('first', options, hydrates ? createSSRApp : createApp);
if (other) mount('second', other);
