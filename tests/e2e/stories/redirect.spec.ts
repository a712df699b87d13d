// Daybook where the browser blocks popups: it leaves the page to ask, and what the user was doing comes back with them.
import { wholeBrowser } from '../../chromium.mjs';
import { expect, test } from '../fixtures.js';
import { sessionText } from '../records.js';
import { accessToken, allow, askApi, blockPopups, choose, expectClean, heldText, popupOf, scopes, signIn, signInAndDraft } from './people.js';

const READ = 'read:appointments';
const WRITE = 'write:appointments';

test('the popup is blocked: the draft survives the way there and back, and is saved', async ({ page, demo }) => {
  await blockPopups(page);
  await signInAndDraft(page, demo, 'Long way round');
  await page.getByTestId('save').click();
  await expect(page.getByTestId('asked')).toContainText('Create appointments');
  await expect(page.getByTestId(`already-${READ}`)).toBeVisible();
  await allow(page);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'done');
  await expect(page.getByTestId('appointment').filter({ hasText: 'Long way round' })).toContainText(['Café & <Bar>']);
  expectClean(page, '/calendar/');
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ, WRITE]);
  const outcomes = await page.getByTestId('timeline-entry').evaluateAll((entries) => entries.map((entry) => entry.getAttribute('data-outcome')));
  expect(outcomes).toEqual(['granted', 'popup_blocked', 'granted']);

  // Held from now on: nothing is asked again, and a reload saves nothing twice.
  await page.reload();
  await expect(page.getByTestId('appointment').filter({ hasText: 'Long way round' })).toHaveCount(1);
  await page.getByTestId('new-appointment').click();
  await page.getByTestId('draft-title').fill('Short way');
  await page.getByTestId('save').click();
  await expect(page.getByTestId('appointment').filter({ hasText: 'Short way' })).toHaveCount(1);
  expectClean(page, '/calendar/');
});

test('the browser’s real popup blocker lets the popup of a click through', async ({ demo, playwright }) => {
  const browser = await playwright.chromium.launch(wholeBrowser('--disable-popup-blocking'));
  try {
    const page = await browser.newPage();
    await signInAndDraft(page, demo, 'In the click');
    await allow(await popupOf(page, page.getByTestId('save')));
    await expect(page.getByTestId('appointment').filter({ hasText: 'In the click' })).toHaveCount(1);
  } finally {
    await browser.close();
  }
});

test('a no after the redirect: draft and session stay, and asking again works', async ({ page, demo }) => {
  await blockPopups(page);
  await signInAndDraft(page, demo, 'Not by redirect');
  const [record, token] = [await heldText(page), await accessToken(page)];
  await page.getByTestId('save').click();
  await page.getByTestId('deny').click();
  await expect(page.getByTestId('draft-notice')).toContainText('nothing was saved');
  await expect(page.getByTestId('draft-title')).toHaveValue('Not by redirect');
  await expect(page.getByTestId('draft-place')).toHaveValue('Café & <Bar>');
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId(`status-${WRITE}`)).toHaveAttribute('data-status', 'denied');
  expect(await heldText(page)).toBe(record);
  expect(await askApi(demo, token)).toBe(200);
  expectClean(page, '/calendar/');
  await page.getByTestId('ask-again').click();
  await allow(page);
  await expect(page.getByTestId('appointment').filter({ hasText: 'Not by redirect' })).toHaveCount(1);
});

test('somebody else comes back: nothing changes, and it is said', async ({ page, demo }) => {
  await blockPopups(page);
  await signInAndDraft(page, demo, 'Still mine alone');
  const [record, token] = [await sessionText(page), await accessToken(page)];
  await page.getByTestId('save').click();
  await page.getByTestId('other-account').click();
  await choose(page, 'grace');
  await expect(page.getByTestId('consent-account')).toHaveText('Grace Hopper');
  await allow(page);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'subject_mismatch');
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId('draft-notice')).toContainText('Nothing was saved');
  await expect(page.getByTestId('draft-title')).toHaveValue('Still mine alone');
  expect(await sessionText(page)).toBe(record);
  expect(await askApi(demo, token)).toBe(200);
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ]);
  expectClean(page, '/calendar/');
});

test('deleting by redirect: asked, refused, asked again, and deleted on the way back', async ({ page, demo }) => {
  await blockPopups(page);
  await signIn(page, `${demo.url}calendar/`);
  const first = page.getByTestId('appointment').first();
  const id = await first.getAttribute('data-id');
  await first.getByTestId('delete').click();
  await page.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await expect(page.locator(`[data-id="${id}"]`)).toHaveCount(1);
  await page.getByTestId('ask-again').click();
  await allow(page);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'done');
  await expect(page.locator(`[data-id="${id}"]`)).toHaveCount(0);
  expectClean(page, '/calendar/');
});
