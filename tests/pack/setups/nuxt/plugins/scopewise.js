import { createClient } from 'scopewise';
import { afterCallback, scopewise } from 'scopewise/vue';
import { options } from '../lib/sign-in-url.js';

const client = afterCallback(createClient(options), ({ returnTo }) => location.replace(returnTo));

export default defineNuxtPlugin(async ({ vueApp }) => {
  vueApp.use(scopewise, await client);
});
