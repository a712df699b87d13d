// One's own provider, and pages on a narrow screen.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { allow, choose, expectClean, heldText, popupOf, scopes } from './people.js';

test('one’s own provider: fill in, sign in, ask for more by name', async ({ page, demo }) => {
  await page.goto(`${demo.url}your-provider/`);
  await page.getByTestId('own-fill').click();
  await expect(page.getByTestId('own-issuer')).toHaveValue(demo.issuer);
  await page.getByTestId('own-save').click();
  await expect(page.getByTestId('own-at')).toHaveText(demo.issuer);
  await page.getByTestId('sign-in').click();
  await choose(page, 'linus');
  await allow(page);
  await expect(page.getByTestId('user-name')).toHaveText('Linus Pauling');
  await expect(page.getByTestId('claims')).toContainText('linus');
  expectClean(page, '/your-provider/');
  const before = await heldText(page);

  await page.getByTestId('more-scope').fill('email');
  await page.getByTestId('more-ask').click();
  await page.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await expect(page.getByTestId('user-name')).toHaveText('Linus Pauling');
  expect(await heldText(page)).toBe(before);
  await page.getByTestId('ask-again').click();
  await allow(page);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'done');
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', 'email']);
  await expect(page.getByTestId('claims')).toContainText('linus@example.org');
  expectClean(page, '/your-provider/');
});

test('one’s own provider: what is wrong with the settings is said before anybody signs in', async ({ page, demo, mayLog }) => {
  mayLog(/status of 40\d/);
  const check = async (settings: Record<string, string>) => {
    await page.goto(`${demo.url}your-provider/`);
    await expect(page.getByTestId('own-change').or(page.getByTestId('own-fill'))).toBeVisible();
    if (await page.getByTestId('own-change').isVisible()) await page.getByTestId('own-change').click();
    await page.getByTestId('own-fill').click();
    for (const [name, value] of Object.entries(settings)) await page.getByTestId(`own-${name}`).fill(value);
    await page.getByTestId('own-save').click();
    await page.getByTestId('check').click();
    await expect(page.getByTestId('check-summary')).toBeVisible();
    const found = page.locator('[data-testid=finding]:not(.ok)');
    return found.evaluateAll((items) => items.map((item) => (item as HTMLElement).dataset['id']));
  };
  expect(await check({})).toEqual([]);
  await expect(page.getByTestId('check-summary')).toHaveText('There is nothing to change.');
  expect(await check({ issuer: `${demo.issuer}/`, clientId: 'nobody', scope: 'openid paint' })).toEqual(['issuer', 'client', 'scopes']);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByTestId('check-fine').locator('summary').click();
  await expectNoOverflow(page);
  expectClean(page, '/your-provider/');
});

test('one’s own provider that is none: said kindly', async ({ page, demo, mayLog }) => {
  mayLog(/Failed to load resource|CORS policy/);
  await page.goto(`${demo.url}your-provider/`);
  await page.getByTestId('own-issuer').fill(`${demo.url}nobody`);
  await page.getByTestId('own-clientId').fill('app');
  await page.getByTestId('own-save').click();
  await page.getByTestId('sign-in').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'error');
  expectClean(page, '/your-provider/');
});

/** Nothing sticks out on the right. */
async function expectNoOverflow(page: Page): Promise<void> {
  await expect(page.locator('.loading')).toHaveCount(0);
  const { wide, width } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, width: document.documentElement.clientWidth }));
  expect(wide, page.url()).toBeLessThanOrEqual(width);
}

test('on a screen of 360 pixels nothing has to be scrolled sideways', async ({ page, demo }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ['', 'welcome/', 'calendar/', 'your-provider/']) {
    await page.goto(`${demo.url}${path}`);
    await expectNoOverflow(page);
  }
  await page.goto(`${demo.url}calendar/`);
  await page.getByTestId('sign-in').click();
  await expect(page.getByTestId('account-ada')).toBeVisible();
  await expectNoOverflow(page);
  await choose(page, 'ada');
  await expectNoOverflow(page);
  await page.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toBeVisible();
  await expectNoOverflow(page);
  await page.getByTestId('sign-in').click();
  await allow(page);
  await expect(page.getByTestId('appointments')).toBeVisible();
  await expectNoOverflow(page);
  await page.getByTestId('new-appointment').click();
  await page.getByTestId('draft-title').fill('Narrow');
  await expectNoOverflow(page);
  await (await popupOf(page, page.getByTestId('save'))).getByTestId('deny').click();
  await expect(page.getByTestId('ask-again')).toBeVisible();
  await expectNoOverflow(page);
  await page.getByTestId('draft-cancel').click();
  for (const scope of ['openid', 'read:appointments', 'write:appointments']) {
    await page.getByTestId(`explain-${scope}`).click();
    await expect(page.getByTestId(`explanation-${scope}`)).not.toBeEmpty();
  }
  await expectNoOverflow(page);
  await page.getByTestId('use-in-code').locator('summary').click();
  await expectNoOverflow(page);
  await page.goto(`${demo.url}welcome/`);
  await page.getByTestId('sign-in').click();
  await allow(page, { but: ['email'] });
  await expect(page.getByTestId('no-email')).toBeVisible();
  await expectNoOverflow(page);
  await page.getByTestId('sign-out').click();
  await expect(page.getByTestId('logout-yes')).toBeVisible();
  await expectNoOverflow(page);
});
