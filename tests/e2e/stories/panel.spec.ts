// The scope panel: what the page used of its scopes, and why each one is there or not.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { accessToken, allow, popupOf, scopes, signIn, signInAndDraft } from './people.js';

const READ = 'read:appointments';
const WRITE = 'write:appointments';
const DELETE = 'delete:appointments';

const report = async (page: Page) => ({
  used: await scopes(page, 'used'), unused: await scopes(page, 'unused'), unrequested: await scopes(page, 'unrequested'),
});

/** Opens a scope's entry, where it is closed: what there is to say about it. */
async function explanation(page: Page, scope: string): Promise<string> {
  const text = page.getByTestId(`explanation-${scope}`);
  if (!(await text.isVisible())) await page.getByTestId(`explain-${scope}`).click();
  await expect(text).not.toBeEmpty();
  return (await text.textContent())!;
}

test('the report: what is used, what could be dropped, and what was used beyond the request', async ({ page, demo }) => {
  await page.goto(`${demo.url}calendar/`);
  await expect(page.getByTestId('scope-advice')).toContainText('Sign in');
  expect(await report(page)).toEqual({ used: [], unused: [], unrequested: [] });

  // The page uses what it asks for: the name, and the appointments. That the panel looks at all scopes does not count.
  await signIn(page, `${demo.url}calendar/`);
  await expect.poll(() => report(page)).toEqual({ used: ['profile', READ], unused: [], unrequested: [] });
  await expect(page.getByTestId('scope-advice')).toContainText('Nothing to drop');
  expect(await scopes(page, 'missing')).toEqual([WRITE, DELETE]);

  const popup = await popupOf(page, page.getByTestId('delete').first());
  await popup.getByTestId('deny').click();
  await expect.poll(() => report(page)).toEqual({ used: ['profile', READ, DELETE], unused: [], unrequested: [] });
  expect(await scopes(page, 'denied')).toEqual([DELETE]);

  await page.getByTestId('new-appointment').click();
  await page.getByTestId('draft-title').fill('For the report');
  await allow(await popupOf(page, page.getByTestId('save')));
  await expect.poll(() => report(page)).toEqual({ used: ['profile', READ, DELETE, WRITE], unused: [], unrequested: [] });
  expect(await scopes(page, 'missing')).toEqual([DELETE]);

  // Another visit that saves nothing: the permission to is held, and not used.
  await page.reload();
  await expect.poll(() => report(page)).toEqual({ used: ['profile', READ], unused: [WRITE], unrequested: [] });
  await expect(page.getByTestId('scope-advice')).toContainText(`not used since the page was opened: ${WRITE}`);
});

test('the report: Plume uses all it asks for, and a page that does not is told what to drop', async ({ page, demo }) => {
  await signIn(page, `${demo.url}welcome/`);
  await expect.poll(() => report(page)).toEqual({ used: ['profile', 'email'], unused: [], unrequested: [] });

  await page.goto(`${demo.url}your-provider/`);
  await page.getByTestId('own-fill').click();
  await page.getByTestId('own-scope').fill('openid profile email');
  await page.getByTestId('own-save').click();
  await page.getByTestId('sign-in').click();
  await allow(page);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect.poll(() => report(page)).toEqual({ used: ['profile'], unused: ['email'], unrequested: [] });
  await expect(page.getByTestId('scope-advice')).toContainText('not used since the page was opened: email');
});

test('a scope is explained when its entry is opened, and anew when something changes', async ({ page, demo }) => {
  await page.goto(`${demo.url}calendar/`);
  expect(await explanation(page, READ)).toMatch(/^"read:appointments" .*was never requested\..*Nobody is signed in/);

  await signInAndDraft(page, demo, 'To be explained');
  await page.getByTestId('draft-cancel').click();
  await expect(page.getByTestId(`explanation-${WRITE}`)).toBeHidden();
  expect(await explanation(page, READ)).toContain('is granted. At ');
  expect(await explanation(page, 'profile')).toContain('counts as granted');
  expect(await explanation(page, WRITE)).toContain('was never requested. Call upgrade with it');

  // An open entry stays open, and follows.
  await page.getByTestId('new-appointment').click();
  const popup = await popupOf(page, page.getByTestId('save'));
  await popup.getByTestId('deny').click();
  await expect(page.getByTestId(`explanation-${WRITE}`)).toContainText('is denied: ');
  await expect(page.getByTestId(`explanation-${WRITE}`)).toContainText('granted "openid profile read:appointments".');
  await allow(await popupOf(page, page.getByTestId('ask-again')));
  await expect(page.getByTestId(`explanation-${WRITE}`)).toContainText('is granted. At ');
  await expect(page.getByTestId(`explanation-${WRITE}`)).toContainText('granted "openid profile read:appointments write:appointments".');
  await page.getByTestId(`explain-${WRITE}`).click();
  await expect(page.getByTestId(`explanation-${WRITE}`)).toBeHidden();
  expect(await page.getByTestId('token').textContent()).not.toContain(await accessToken(page));
});

test('a scope is explained with the keyboard, which stays where it is', async ({ page, demo }) => {
  await signInAndDraft(page, demo, 'By keyboard');
  await page.getByTestId('draft-cancel').click();
  const summary = page.getByTestId(`explain-${WRITE}`);
  await summary.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId(`explanation-${WRITE}`)).toContainText('was never requested');
  await expect(summary).toBeFocused();
});
