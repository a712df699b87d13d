// The benchmark: one browser, one thing at a time. Nothing in it fails because it is slow.
import { defineConfig } from '@playwright/test';
import tests from '../playwright.config.js';

export default defineConfig({
  ...tests,
  testDir: '.',
  testMatch: 'bench.ts',
  outputDir: '../../target/bench-results',
  workers: 1,
  timeout: 900_000,
  reporter: 'line',
});
