// What a server renders: with a client as it is there.
import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { createClient } from 'scopewise';
import { scopewise } from 'scopewise/vue';
import { App } from './vue-parts.js';

export const render = async (props: object): Promise<string> =>
  renderToString(createSSRApp(App, props as any).use(scopewise, await createClient({ clientId: 'app', issuer: 'https://id.example' })));
