import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { RouterProvider } from '@tanstack/react-router';
import { ScopewiseProvider } from 'scopewise/react';
import { client } from './auth.js';
import type { router as made } from './router.js';

declare module '@tanstack/react-router' {
  interface Register { router: typeof made }
}

export const show = (router: typeof made): void => createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ScopewiseProvider client={client}>
      <RouterProvider router={router} />
    </ScopewiseProvider>
  </StrictMode>,
);
