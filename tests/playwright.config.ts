// End-to-end tests: stories on the demo with a real provider, and cases on a bare page with a scripted one.
import { availableParallelism } from 'node:os';
import { defineConfig } from '@playwright/test';
import { lightBrowser } from './chromium.mjs';

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'results',
  globalSetup: './setup.mjs',
  // Tests wait more than they work.
  workers: availableParallelism() + 1,
  fullyParallel: true,
  retries: 0,
  // What hangs ends with these and nothing else does: they are for machines that have much else to do.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: lightBrowser(),
  },
});
