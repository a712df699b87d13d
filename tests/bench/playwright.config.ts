// The benchmark: one browser, one thing at a time. Nothing in it fails because it is slow.
import { defineConfig } from '@playwright/test';
import tests from '../playwright.config.js';
import { wholeBrowser } from '../chromium.mjs';

const { globalSetup: _, ...shared } = tests;
const browser = wholeBrowser();
// No look-up of a name that is known.
const args = [...browser.args, '--host-resolver-rules=MAP localhost 127.0.0.1'];

export default defineConfig({
  ...shared,
  use: { ...shared.use, launchOptions: { ...browser, args } },
  testDir: '.',
  testMatch: 'bench.ts',
  outputDir: '../../target/bench-results',
  workers: 1,
  timeout: 900_000,
  reporter: 'line',
});
