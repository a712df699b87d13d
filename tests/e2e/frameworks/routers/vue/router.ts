// router.ts
import { createRouter, createWebHistory } from 'vue-router';
import { allow } from './allow.js';
import type { AppScope } from './options.js';
import Edit from './Edit.vue';
import Home from './Home.vue';
import Notes from './Notes.vue';

declare module 'vue-router' {
  interface RouteMeta { signedIn?: boolean; scope?: AppScope }
}

export const router = createRouter({
  history: createWebHistory(import.meta.env.BASE_URL),
  routes: [
    { path: '/', component: Home },
    { path: '/callback', component: Home }, // seen where an answer is a failure
    { path: '/notes', component: Notes, meta: { signedIn: true } },
    { path: '/notes/edit', component: Edit, meta: { signedIn: true, scope: 'write:notes' } },
  ],
});

router.beforeEach(async (to) => {
  if (to.meta.signedIn) await allow(router.resolve(to).href, to.meta.scope);
});
