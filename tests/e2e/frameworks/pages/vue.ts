import type { Client } from 'scopewise';
import { createApp, createSSRApp } from 'vue';
import { afterCallback, scopewise } from 'scopewise/vue';
import { App } from './vue-parts.js';
import { made, settings } from './settings.js';

const { options, other, hydrates, asking, ...props } = settings;
const open = (options: typeof settings.options) => afterCallback(made(options));
const mount = (id: string, client: Client | Promise<Client>, create = createApp) => create(App, props as any).use(scopewise, client, asking).mount(`#${id}`);

const client = hydrates === 'ready' ? await open(options) : open(options);
mount('first', client, hydrates ? createSSRApp : createApp);
if (other) mount('second', open(other));
