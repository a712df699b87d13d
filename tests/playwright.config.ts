// End-to-end tests: stories on the demo with a real provider, and cases on a bare page with a scripted one.
import { getuid } from 'node:process';
import { defineConfig } from '@playwright/test';

const args = ['--headless=new', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
// Chromium refuses to run as root with its sandbox.
if (getuid?.() === 0) args.push('--no-sandbox');

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'results',
  workers: 2,
  fullyParallel: true,
  retries: 0,
  // What hangs ends with these and nothing else does: they are for machines that have much else to do.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  use: {
    browserName: 'chromium',
    headless: true,
    launchOptions: { executablePath: process.env['SCOPEWISE_CHROMIUM'] || '/usr/bin/chromium', args },
  },
});
