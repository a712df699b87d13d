import { createApp } from 'vue';
import { createClient } from 'scopewise';
import { afterCallback, scopewise } from 'scopewise/vue';
import { api, issuer, resource, scopes } from '../diary/diary.mjs';
import App from './App.vue';

const client = afterCallback(createClient({
  issuer, resource, scopes,
  clientId: 'vue-app',
  redirectUri: '/vue/',
  scope: 'openid profile read:appointments',
  apis: { [api]: { resource } },
  rememberScopes: true,
}));

createApp(App).use(scopewise, client).mount('#app');
