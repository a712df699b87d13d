// router.tsx
import { createBrowserRouter, type LoaderFunctionArgs } from 'react-router';
import { allow } from './allow.js';
import type { AppScope } from './options.js';
import { Edit, Home, Layout, Notes } from './pages.js';

const needs = (scope?: AppScope) => async ({ request }: LoaderFunctionArgs) => {
  const { pathname, search } = new URL(request.url);
  await allow(pathname + search, scope);
  return null;
};

export const router = createBrowserRouter([
  { element: <Layout />, hydrateFallbackElement: <p>One moment …</p>, children: [
    { path: '/', element: <Home /> },
    { path: '/callback', element: <Home /> }, // seen where an answer is a failure
    { path: '/notes', loader: needs(), element: <Notes /> },
    { path: '/notes/edit', loader: needs('write:notes'), element: <Edit /> },
  ] },
], { basename: import.meta.env.BASE_URL });
