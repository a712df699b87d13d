// A real provider that remembers what a person allowed, and an app that remembers what to ask for.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { allow, choose } from './people.js';

const WRITE = 'write:appointments';

/** Opens a client in the page, as an app does each time it is loaded. */
async function open(page: Page, url: string): Promise<void> {
  await page.goto(`${url}calendar/`);
  await page.evaluate(async () => {
    const { createClient } = await import('/pkg/index.js' as string);
    const { issuer, resource } = await (await fetch('/config.json')).json();
    const scope = 'openid profile read:appointments';
    const options = { clientId: 'calendar-app', issuer, redirectUri: '/calendar/', resource, scope, storage: 'memory', rememberScopes: true };
    const client = ((globalThis as any).client = await createClient(options));
    await client.prepare();
  });
}

const granted = (page: Page): Promise<string[]> => page.evaluate(() => [...(globalThis as any).client.session.granted]);

test('allowed last week, there again after today’s sign-in, and nobody is asked', async ({ page, demo }) => {
  await open(page, demo.url);
  let opened = page.waitForEvent('popup');
  let done = page.evaluate(async () => void (await (globalThis as any).client.signIn({ mode: 'popup' })));
  let popup = await opened;
  await choose(popup, 'ada');
  await allow(popup);
  await done;
  expect(await granted(page)).not.toContain(WRITE);
  opened = page.waitForEvent('popup');
  done = page.evaluate(async (scope) => void (await (globalThis as any).client.upgrade(scope, { mode: 'popup' })), WRITE);
  popup = await opened;
  await expect(popup.getByTestId('asked')).toContainText('Create appointments');
  await allow(popup);
  await done;
  expect(await granted(page)).toContain(WRITE);

  // The page's memory is gone with the page. The provider still knows Ada, and what she allowed.
  await open(page, demo.url);
  const questions: URLSearchParams[] = [];
  page.context().on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (pathname === '/auth') questions.push(searchParams);
  });
  await page.evaluate(async () => void (await (globalThis as any).client.signIn({ mode: 'popup' })));
  await expect.poll(() => granted(page)).toContain(WRITE);
  expect(questions.map((params) => params.get('prompt'))).toEqual([null, 'none']);
  expect(questions[0]!.get('scope')).not.toContain(WRITE);

  // With a hint the first request has it all.
  await open(page, demo.url);
  questions.length = 0;
  await page.evaluate(async () => void (await (globalThis as any).client.signIn({ mode: 'popup', loginHint: 'ada' })));
  expect(await granted(page)).toContain(WRITE);
  expect(questions.map((params) => params.get('prompt'))).toEqual([null]);
});
