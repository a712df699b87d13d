import { defineConfig } from 'vitest/config';

/** In a page that is none, no file can be fetched. */
const alias = { scopewise: 'scopewise/inline' };

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'node', environment: 'node', include: ['node.test.js'] } },
      { resolve: { alias }, test: { name: 'jsdom', environment: 'jsdom', include: ['page.test.js'] } },
      { resolve: { alias }, test: { name: 'happy-dom', environment: 'happy-dom', include: ['page.test.js'] } },
    ],
  },
});
