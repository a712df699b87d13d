import type { Client } from 'scopewise';
import { createApp, createSSRApp } from 'vue';
import { afterCallback, scopewise, useAccessToken, useAuth, useScope, useScopeUpdate } from 'scopewise/vue';
import { App } from './vue-parts.js';
import { made, settings } from './settings.js';

const { options, other, hydrates, asking, ...props } = settings;
const open = (options: typeof settings.options) => afterCallback(made(options));
const application = (client: Client | Promise<Client>, create = createApp) => create(App, props as any).use(scopewise, client, asking);

const client = hydrates === 'ready' ? await open(options) : open(options);
const app = application(client, hydrates ? createSSRApp : createApp);
app.mount('#first');
if (other) application(open(other)).mount('#second');
// For the test, which calls these outside of components, as guards and stores do.
Object.assign(globalThis, { vue: { app, useAccessToken, useAuth, useScope, useScopeUpdate } });
