// What every measure has: a browser, the applications and their authorization server.
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { ClientName } from './clients.js';
import type { Provider } from './provider.js';
import type { Site } from './site.js';

export interface Setting {
  readonly browser: Browser;
  readonly apps: Site;
  readonly server: Provider;
}

/** A browser profile that nothing was done in yet, for as long as the work takes. */
export async function fresh<T>({ browser }: Setting, work: (context: BrowserContext) => Promise<T>): Promise<T> {
  const context = await browser.newContext();
  try {
    return await work(context);
  } finally {
    await context.close();
  }
}

/** The page of a client's application, with nothing loaded for it yet. */
export async function application({ apps }: Setting, context: BrowserContext, client: ClientName): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${apps.origin}/app/${client}`);
  return page;
}

/** Loads the client's module and opens a client: the milliseconds that it took. */
export const open = (page: Page): Promise<number> => page.evaluate(() => bench.open());

/** Over to the authorization server and back: milliseconds from where the callback page begins until it has a token. */
export async function signIn({ apps }: Setting, page: Page, client: ClientName): Promise<number> {
  await page.evaluate(() => void bench.client.signIn({ prompt: 'consent' }));
  await page.waitForURL((url) => url.pathname.startsWith('/interaction/'));
  await page.click('button');
  await page.waitForURL((url) => url.href.startsWith(`${apps.origin}/cb/${client}`));
  return page.evaluate(() => bench.done!);
}
