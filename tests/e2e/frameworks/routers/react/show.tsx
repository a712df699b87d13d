import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import type { createBrowserRouter } from 'react-router';
import { RouterProvider } from 'react-router/dom';
import { ScopewiseProvider } from 'scopewise/react';
import { client } from './auth.js';

export const show = (router: ReturnType<typeof createBrowserRouter>): void => createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ScopewiseProvider client={client}>
      <RouterProvider router={router} />
    </ScopewiseProvider>
  </StrictMode>,
);
