// The main stories in other engines than Chromium, and in Chromium beside them. Playwright runs and counts the tests; WebDriver drives the browsers.
import { defineConfig } from '@playwright/test';
import type { Options } from './fixtures.js';

export default defineConfig<{}, Options>({
  outputDir: '../results/engines',
  globalSetup: './setup.ts',
  // A browser takes both of a small machine's processors.
  workers: 1,
  fullyParallel: true,
  retries: 0,
  // What hangs ends with this and nothing else does.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  projects: (['chromium', 'firefox', 'webkit'] as const).map((engine) => ({ name: engine, use: { engine } })),
});
