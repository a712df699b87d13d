// Chromium, and what a page shows in it.
import { chromium } from '@playwright/test';
import { wholeBrowser } from '../../chromium.mjs';

export async function openPages() {
  const chrome = await chromium.launch(wholeBrowser());
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
