// Daybook with a second provider: events come in from Almanac, with an account, scopes and tokens of their own.
import type { Page } from '@playwright/test';
import { expect, test, type Demo } from '../fixtures.js';
import { seenAtWork } from '../windows.js';
import { allow, askApi, blockPopups, choose, expectClean, popupOf, scopes, signIn } from './people.js';

const READ = 'events:read';

const titles = (page: Page) => page.getByTestId('event').locator('strong').allTextContents();

/** What is stored for each provider. */
const stored = (page: Page, issuer: string) => page.evaluate((name) => {
  const key = Object.keys(sessionStorage).find((key) => key.startsWith(`scopewise:${name}:`) && key.endsWith(':session'));
  return key ? sessionStorage.getItem(key)!.replace(/^\{"revision":\d+,/, '{') : undefined;
}, encodeURIComponent(issuer));

const tokenIn = (session: string | undefined): string => JSON.parse(session!).grants[0].access_token;

const askAlmanac = async ({ almanac }: Demo, token: string): Promise<number> => (await fetch(almanac.events, { headers: { authorization: `Bearer ${token}` } })).status;

/** Presses Import, and answers as Charles. */
async function importAsCharles(page: Page, but: string[] = []): Promise<void> {
  const opened = page.waitForEvent('popup');
  await page.getByTestId('import').click();
  const popup = await opened;
  await choose(popup, 'babbage');
  await allow(popup, { but });
  await expect(page.getByTestId('almanac-user')).toHaveText('Charles Babbage');
}

test('events come in from another provider, each session has its own end, and both ledgers are on show', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`);
  await expect(page.getByTestId('appointments')).toBeVisible();
  const before = await stored(page, demo.issuer);
  // Other stories may have written more.
  const own = await page.getByTestId('appointment').count();
  await importAsCharles(page);
  await expect(page.getByTestId('notice')).toContainText('2 events');
  expect(await titles(page)).toEqual(['Engine works', 'Statistical Society']);
  // They are among the others, in order, and only to look at.
  await expect(page.getByTestId('appointments').getByTestId('event')).toHaveCount(2);
  await expect(page.getByTestId('appointments').getByTestId('delete')).toHaveCount(own);
  expectClean(page, '/calendar/');

  // Nothing of one is in the other.
  expect(await stored(page, demo.issuer)).toBe(before);
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', 'read:appointments']);
  await page.getByTestId('almanac-panel').locator('summary').first().click();
  expect(await scopes(page, 'granted', 'almanac-')).toEqual(['openid', 'profile', READ]);
  await expect(page.getByTestId(`almanac-status-${READ}`)).toHaveAttribute('data-status', 'granted');
  await expect(page.getByTestId('almanac-timeline-entry')).toHaveAttribute('data-outcome', 'granted');
  await expect(page.getByTestId('timeline-entry')).toHaveCount(1);
  const [first, second] = [tokenIn(before), tokenIn(await stored(page, demo.almanac.issuer))];
  expect([await askApi(demo, first), await askApi(demo, second)]).toEqual([200, 401]);
  expect([await askAlmanac(demo, first), await askAlmanac(demo, second)]).toEqual([401, 200]);

  // Both outlive a reload.
  await page.reload();
  await expect(page.getByTestId('appointments').getByTestId('event')).toHaveCount(2);

  // Out of Almanac: Harbor ID does not hear of it.
  await page.getByTestId('almanac-sign-out').click();
  await expect(page).toHaveTitle(/Almanac/);
  await page.getByTestId('logout-yes').click();
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId('appointment')).toHaveCount(own);
  await expect(page.getByTestId('event')).toHaveCount(0);
  expectClean(page, '/calendar/');
  expect(await stored(page, demo.almanac.issuer)).toBeUndefined();
  expect(await askApi(demo, tokenIn(await stored(page, demo.issuer)))).toBe(200);
});

test('signed out of Harbor ID, Almanac stays, and its events with it', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`);
  await importAsCharles(page);
  const before = await stored(page, demo.almanac.issuer);
  await page.getByTestId('sign-out').click();
  await expect(page).toHaveTitle(/Harbor ID/);
  await page.getByTestId('logout-yes').click();
  await expect(page.getByTestId('sign-in')).toBeVisible();
  await expect(page.getByTestId('almanac-user')).toHaveText('Charles Babbage');
  await expect(page.getByTestId('events').getByTestId('event')).toHaveCount(2);
  expect(await stored(page, demo.almanac.issuer)).toBe(before);
  expect(await stored(page, demo.issuer)).toBeUndefined();
  await expect(page.getByTestId('granted-scopes').locator('[data-scope]')).toHaveCount(0);
  await expect(page.getByTestId('almanac-granted-scopes').locator('[data-scope]')).toHaveCount(3);
});

test('a no at Almanac, an unticked box, a closed window, and asking again', async ({ page, demo }) => {
  await page.goto(`${demo.url}calendar/`);
  const opened = page.waitForEvent('popup');
  await page.getByTestId('import').click();
  const no = await opened;
  await choose(no, 'lovelace');
  await no.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await expect(page.getByTestId('almanac-user')).toHaveCount(0);

  const closed = await popupOf(page, page.getByTestId('import'));
  await seenAtWork(page);
  await closed.close();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'popup_closed');

  await page.getByTestId('import').click();
  await page.getByTestId('never-mind').click();
  await expect(page.getByTestId('notice')).toHaveCount(0);

  await allow(await popupOf(page, page.getByTestId('import')), { but: [READ] });
  await expect(page.getByTestId('almanac-no-read')).toContainText('Ada King');
  await expect(page.getByTestId('event')).toHaveCount(0);
  const again = await popupOf(page, page.getByTestId('import'));
  await expect(again.getByTestId('asked')).toContainText('See your events');
  await allow(again);
  await expect(page.getByTestId('event')).toHaveCount(3);
});

test('where popups are blocked the page leaves for Almanac, and its answer comes to the client that asked', async ({ page, demo }) => {
  await blockPopups(page);
  await signIn(page, `${demo.url}calendar/`);
  await page.getByTestId('import').click();
  await choose(page, 'babbage');
  await allow(page);
  await expect(page.getByTestId('appointments').getByTestId('event')).toHaveCount(2);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId('notice')).toHaveCount(0);
  expectClean(page, '/calendar/');

  // And the other way round: what comes from Harbor ID is Harbor ID's.
  await page.getByTestId('new-appointment').click();
  await page.getByTestId('draft-title').fill('Engines');
  await page.getByTestId('save').click();
  await allow(page);
  await expect(page.getByTestId('notice')).toContainText('Saved');
  expect(await scopes(page, 'granted', 'almanac-')).toEqual(['openid', 'profile', READ]);
});

test('with the keyboard alone', async ({ page, demo }) => {
  await page.goto(`${demo.url}calendar/`);
  await page.getByTestId('import').focus();
  const opened = page.waitForEvent('popup');
  await page.keyboard.press('Enter');
  const popup = await opened;
  await popup.getByTestId('account-babbage').focus();
  await popup.keyboard.press('Enter');
  await popup.getByTestId('allow').focus();
  await popup.keyboard.press('Enter');
  await expect(page.getByTestId('events').getByTestId('event')).toHaveCount(2);
  // It goes on at what happened, since the button that was pressed is another one now.
  await expect(page.getByTestId('notice')).toBeFocused();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('sign-in')).toBeFocused();
});
