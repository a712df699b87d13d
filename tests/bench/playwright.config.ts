// The benchmark: one browser, one thing at a time. Nothing in it fails because it is slow.
import { defineConfig } from '@playwright/test';
import tests from '../playwright.config.js';

const { launchOptions } = tests.use!;
// No look-up of a name that is known.
const args = [...launchOptions!.args!, '--host-resolver-rules=MAP localhost 127.0.0.1'];

export default defineConfig({
  ...tests,
  use: { ...tests.use, launchOptions: { ...launchOptions, args } },
  testDir: '.',
  testMatch: 'bench.ts',
  outputDir: '../../target/bench-results',
  workers: 1,
  timeout: 900_000,
  reporter: 'line',
});
