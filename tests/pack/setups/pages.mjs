// Chromium, and what a page shows in it.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium } from '@playwright/test';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

function browser() {
  const named = process.env.SCOPEWISE_CHROMIUM;
  const found = named || (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name))).find((path) => existsSync(path));
  if (!found) throw new Error('Chromium is missing: install Chromium or Chrome, or name one in SCOPEWISE_CHROMIUM');
  return found;
}

export async function openPages() {
  const args = ['--headless=new', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  // Chromium refuses to run as root with its sandbox.
  if (process.getuid?.() === 0) args.push('--no-sandbox');
  const chrome = await chromium.launch({ executablePath: browser(), args });
  return {
    chrome,
    close: () => chrome.close(),
    /** What the application at a URL shows. What it logs as an error counts, but for what is allowed. */
    async open(url, allows) {
      const context = await chrome.newContext();
      const page = await context.newPage();
      const errors = [];
      page.on('pageerror', (error) => errors.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error' && !allows?.test(message.text())) errors.push(message.text());
      });
      try {
        await page.goto(url);
        const shown = page.waitForFunction(() => document.documentElement.dataset.shown, undefined, { timeout: 60_000 });
        const text = await shown.then((handle) => handle.jsonValue()).catch(async () => `nothing: ${await page.locator('body').innerText()}`);
        return errors.length > 0 ? `${text} (${errors.join('; ')})` : text;
      } finally {
        await context.close();
      }
    },
  };
}
