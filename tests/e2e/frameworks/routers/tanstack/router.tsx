// router.tsx
import { createBrowserHistory, createRootRouteWithContext, createRoute, createRouter } from '@tanstack/react-router';
import type { ParsedLocation } from '@tanstack/react-router';
import { allow } from './allow.js';
import type { AppScope } from './options.js';
import { Edit, Home, Layout, Notes } from './pages.js';

interface Context { allow: typeof allow }
interface Going { context: Context; location: ParsedLocation; preload: boolean }

const needs = (scope?: AppScope) => async ({ context, location, preload }: Going): Promise<void> => {
  // A link under the pointer asks nobody.
  if (!preload) await context.allow(router.history.createHref(location.publicHref), scope);
};

const root = createRootRouteWithContext<Context>()({ component: Layout });
const of = { getParentRoute: () => root };
const routeTree = root.addChildren([
  createRoute({ ...of, path: '/', component: Home }),
  createRoute({ ...of, path: '/callback', component: Home }), // seen where an answer is a failure
  createRoute({ ...of, path: '/notes', beforeLoad: needs(), component: Notes }),
  createRoute({ ...of, path: '/notes/edit', beforeLoad: needs('write:notes'), component: Edit }),
]);

export const router = createRouter({
  routeTree, context: { allow }, defaultPreload: 'intent', basepath: import.meta.env.BASE_URL, history: createBrowserHistory(),
});
