// The answer of a real provider: used once, by whoever asked for it.
import type { Page } from '@playwright/test';
import { expect, test, type Demo } from '../fixtures.js';
import { sessionText } from '../records.js';
import { allow, choose, countTokenRequests, expectClean, signIn } from './people.js';

/** Signs in up to the answer and holds it there: the app's own script does not run, so nobody handles it. */
async function holdAnswer(page: Page, demo: Demo): Promise<string> {
  await page.goto(`${demo.url}welcome/`);
  await page.getByTestId('sign-in').click();
  await choose(page, 'ada');
  await page.route('**/welcome.mjs', (route) => route.fulfill({ contentType: 'text/javascript', body: '' }));
  await allow(page);
  await page.waitForURL(`${demo.url}welcome/?*code=*`);
  await page.unroute('**/welcome.mjs');
  return page.url();
}

test('C006 the answer is handled by two clients at once, twice each: one exchange, one outcome', async ({ page, demo }) => {
  const tokens = countTokenRequests(page, demo);
  const url = await holdAnswer(page, demo);
  const outcomes = await page.evaluate(async ([issuer, url]) => {
    const { createClient } = await import('/pkg/index.js' as string);
    const options = { clientId: 'welcome-app', issuer, redirectUri: '/welcome/' };
    const [one, two] = await Promise.all([createClient(options), createClient(options)]);
    return Promise.all([one.handleCallback(), two.handleCallback(url), one.handleCallback(url), two.handleCallback(url)]);
  }, [demo.issuer, url] as const);
  expect(outcomes[0]).toMatchObject({ kind: 'sign-in', outcome: 'granted', granted: ['openid', 'profile', 'email'] });
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  expect(tokens.count).toBe(1);
  expectClean(page, '/welcome/');
});

test('C008 C010 reload on the callback, and the way back to it: the same outcome, and no second exchange', async ({ page, demo }) => {
  const tokens = countTokenRequests(page, demo);
  const url = await holdAnswer(page, demo);
  await page.goto(url);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  const record = await sessionText(page);
  await page.goto(url);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  expectClean(page, '/welcome/');
  await page.reload();
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await page.goto(`${demo.url}calendar/`);
  await page.goBack();
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId('notice')).toHaveCount(0);
  expect(await sessionText(page)).toBe(record);
  expect(tokens.count).toBe(1);
});

test('C013 two tabs sign in at once, each for itself', async ({ context, demo }) => {
  const [one, two] = [await context.newPage(), await context.newPage()];
  const counts = [countTokenRequests(one, demo), countTokenRequests(two, demo)];
  for (const page of [one, two]) {
    await page.goto(`${demo.url}welcome/`);
    await page.getByTestId('sign-in').click();
    await expect(page.getByTestId('account-ada')).toBeVisible();
  }
  await choose(two, 'ada');
  await allow(two, { but: ['email'] });
  await expect(two.getByTestId('user-name')).toHaveText('Ada Lovelace');
  // The other tab has its own question open, and answers it.
  await choose(one, 'ada');
  await allow(one);
  await expect(one.getByTestId('welcome-email')).toBeVisible();
  await expect(two.getByTestId('no-email')).toBeVisible();
  expect(counts.map(({ count }) => count)).toEqual([1, 1]);
});

test('C050 a forged callback while a sign-in is under way: refused, and the real one completes', async ({ page, demo }) => {
  const tokens = countTokenRequests(page, demo);
  const url = await holdAnswer(page, demo);
  const forged = new URL(url);
  forged.searchParams.set('state', 'of-a-stranger');
  forged.searchParams.set('code', 'of-a-stranger');
  await page.goto(forged.href);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'transaction_missing');
  expectClean(page, '/welcome/');
  expect(tokens.count).toBe(0);
  await page.goto(url);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  expect(tokens.count).toBe(1);
});

test('C050 a forged callback does not touch a session that is there', async ({ page, demo }) => {
  await signIn(page, `${demo.url}welcome/`);
  const record = await sessionText(page);
  await page.goto(`${demo.url}welcome/?code=x&state=y&iss=${encodeURIComponent(demo.issuer)}`);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'transaction_missing');
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  expect(await sessionText(page)).toBe(record);
});
