import { scopewise } from 'scopewise/vue';
import { createApp } from 'vue';
import type { Router } from 'vue-router';
import { client } from './auth.js';
import App from './App.vue';

export const show = (router: Router): void => void createApp(App).use(scopewise, client).use(router).mount('#root');
