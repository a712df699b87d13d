import { createClient } from 'scopewise';
import { scopewise } from 'scopewise/vue';
import { options } from '../lib/sign-in-url.js';

export default defineNuxtPlugin(async ({ vueApp }) => {
  vueApp.use(scopewise, await createClient(options));
});
