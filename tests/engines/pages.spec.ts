// The demo's pages, as people use them: Plume's sign-in and its second question, and Daybook's popup and redirect.
import type { Demo } from './fixtures.js';
import { expect, test } from './fixtures.js';
import { allow, choose } from './app.js';
import type { Browser, Window } from './webdriver.js';

async function signIn(page: Window, url: string, ...but: string[]): Promise<void> {
  await page.goto(url);
  await page.click('sign-in');
  await choose(page);
  await allow(page, ...but);
  await expect.poll(() => page.text('user-name')).toBe('Ada Lovelace');
}

async function draft(page: Window, demo: Demo, title: string): Promise<void> {
  await signIn(page, `${demo.url}calendar/`);
  await page.click('new-appointment');
  await page.fill('draft-title', title);
  await page.fill('draft-place', 'Café & <Bar>');
}

async function popupOf(windows: Browser, page: Window, testId: string): Promise<Window> {
  const popup = await windows.opened(() => page.click(testId));
  await expect.poll(() => popup.count('allow')).toBe(1);
  return popup;
}

test('Plume: in without the e-mail address, asked once more, and a clean address bar', async ({ tab: page, demo }) => {
  await signIn(page, `${demo.url}welcome/`, 'email');
  await expect.poll(() => page.text('no-email')).toContain('did not share');
  expect(await page.url()).toBe(`${demo.url}welcome/`);
  expect(await page.attribute('status-email', 'data-status')).toBe('denied');
  await page.click('ask-again');
  await page.press('deny');
  await expect.poll(() => page.text('no-email')).toContain('as you wish');
  await page.reload();
  await expect.poll(() => page.text('user-name')).toBe('Ada Lovelace');
  await page.click('ask-again');
  await allow(page);
  await expect.poll(() => page.text('welcome-email')).toContain('ada@example.org');
  expect(await page.url()).toBe(`${demo.url}welcome/`);
  await page.click('sign-out');
  await page.press('logout-yes');
  await expect.poll(() => page.count('sign-in')).toBe(1);
  expect(await page.count('notice')).toBe(0);
});

test('Daybook: a draft is kept by a no in the popup, and saved after a yes', async ({ tab: page, demo, windows }) => {
  await draft(page, demo, 'Tea with Grace');
  const no = await popupOf(windows, page, 'save');
  await no.press('deny');
  await expect.poll(() => page.text('draft-notice')).toContain('nothing was saved');
  await expect.poll(() => no.isClosed()).toBe(true);
  expect(await page.text('user-name')).toBe('Ada Lovelace');
  const yes = await popupOf(windows, page, 'ask-again');
  await allow(yes);
  await expect.poll(() => page.attribute('notice', 'data-kind')).toBe('done');
  await expect.poll(() => yes.isClosed()).toBe(true);
  expect(await page.text('appointments')).toContain('Tea with Grace');
  expect(await page.url()).toBe(`${demo.url}calendar/`);
});

test('Daybook: where popups are blocked, the draft survives the way there and back, and is saved', async ({ tab: page, demo }) => {
  await draft(page, demo, 'Long way round');
  await page.evaluate(() => { window.open = () => null; });
  await page.click('save');
  await allow(page);
  await expect.poll(() => page.attribute('notice', 'data-kind')).toBe('done');
  expect(await page.text('appointments')).toContain('Long way round');
  expect(await page.url()).toBe(`${demo.url}calendar/`);
});
