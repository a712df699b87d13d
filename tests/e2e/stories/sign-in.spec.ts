// Plume: signing in, with all of it, some of it, or not at all.
import { expect, test } from '../fixtures.js';
import { sessionText } from '../records.js';
import { allow, choose, countTokenRequests, expectClean, scopes, signIn } from './people.js';

test('signing in: the name, the letter, and an address bar without traces', async ({ page, demo }) => {
  const tokens = countTokenRequests(page, demo);
  await signIn(page, `${demo.url}welcome/`);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId('welcome-email')).toContainText('ada@example.org');
  await expect(page.getByTestId('notice')).toHaveCount(0);
  expectClean(page, '/welcome/');
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', 'email']);
  expect(await scopes(page, 'denied')).toEqual([]);
  await expect(page.getByTestId('timeline-entry')).toHaveAttribute('data-outcome', 'granted');
  expect(tokens.count).toBe(1);
  await page.reload();
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  expect(tokens.count).toBe(1);
});

test('signing in with the keyboard alone', async ({ page, demo }) => {
  const reach = async (testId: string) => {
    const target = page.getByTestId(testId);
    await expect(target).toBeVisible();
    for (let steps = 0; steps < 40; steps += 1) {
      if (await target.evaluate((element) => element.contains(document.activeElement))) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`the keyboard does not reach ${testId}`);
  };
  await page.goto(`${demo.url}welcome/`);
  await reach('sign-in');
  await page.keyboard.press('Enter');
  await reach('account-ada');
  await page.keyboard.press('Enter');
  await reach('consent-email');
  await page.keyboard.press('Space');
  await expect(page.getByTestId('consent-email').locator('input')).not.toBeChecked();
  await page.keyboard.press('Space');
  await reach('allow');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('welcome-email')).toContainText('ada@example.org');
  await reach('use-in-code');
  await reach('sign-out');
});

test('without the e-mail address: in all the same, asked once more, and a second no is respected', async ({ page, demo }) => {
  await signIn(page, `${demo.url}welcome/`, 'ada', ['email']);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId('no-email')).toContainText('did not share');
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile']);
  expect(await scopes(page, 'denied')).toEqual(['email']);
  await expect(page.getByTestId('status-email')).toHaveAttribute('data-status', 'denied');
  const before = await sessionText(page);

  await page.getByTestId('ask-again').click();
  await expect(page.getByTestId('asked')).toContainText('e-mail');
  await page.getByTestId('deny').click();
  await expect(page.getByTestId('no-email')).toContainText('as you wish');
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  expect(await sessionText(page)).toBe(before);
  expectClean(page, '/welcome/');
  await expect(page.getByTestId('notice')).toHaveCount(0);

  // No nagging: the app stays as it is.
  await page.reload();
  await expect(page.getByTestId('no-email')).toContainText('as you wish');
  expectClean(page, '/welcome/');

  await page.getByTestId('ask-again').click();
  await allow(page);
  await expect(page.getByTestId('welcome-email')).toContainText('ada@example.org');
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', 'email']);
  expect(await scopes(page, 'denied')).toEqual([]);
  expectClean(page, '/welcome/');
});

for (const where of ['cancel', 'deny'] as const) {
  test(`saying no to the sign-in (${where}): friendly, and trying again works`, async ({ page, demo }) => {
    const tokens = countTokenRequests(page, demo);
    await page.goto(`${demo.url}welcome/`);
    await page.getByTestId('sign-in').click();
    if (where === 'deny') await choose(page, 'ada');
    await page.getByTestId(where).click();
    await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
    await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'access_denied');
    await expect(page.getByTestId('user-name')).toHaveCount(0);
    expectClean(page, '/welcome/');
    expect(tokens.count).toBe(0);

    await page.getByTestId('sign-in').click();
    if (where === 'cancel') await choose(page, 'grace');
    await allow(page);
    await expect(page.getByTestId('user-name')).toHaveText(where === 'cancel' ? 'Grace Hopper' : 'Ada Lovelace');
    await expect(page.getByTestId('notice')).toHaveCount(0);
  });
}

test('signing out: at the server too, back at the app, and no alarm', async ({ page, demo }) => {
  await signIn(page, `${demo.url}welcome/`);
  await page.getByTestId('sign-out').click();
  await page.getByTestId('logout-yes').click();
  await expect(page.getByTestId('sign-in')).toBeVisible();
  expect(new URL(page.url()).pathname).toBe('/welcome/');
  await expect(page.getByTestId('user-name')).toHaveCount(0);
  await expect(page.getByTestId('notice')).toHaveCount(0);
  expect(await sessionText(page)).toBeUndefined();

  // The server has forgotten as well, and asks who it is.
  await page.getByTestId('sign-in').click();
  await expect(page.getByTestId('account-ada')).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId('sign-in')).toBeVisible();
});

const BLOCKED: Readonly<Record<string, () => void>> = {
  'is full': () => {
    Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
  },
  'is forbidden': () => {
    Object.defineProperty(window, 'sessionStorage', { get: () => { throw new DOMException('denied', 'SecurityError'); } });
  },
};

for (const [how, block] of Object.entries(BLOCKED)) {
  test(`C197 storage ${how}: a word about it, before the page is left`, async ({ page, demo }) => {
    await page.addInitScript(block);
    for (const app of ['welcome', 'calendar']) {
      await page.goto(`${demo.url}${app}/`);
      await page.getByTestId('sign-in').click();
      await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'storage_unavailable');
      await expect(page.getByTestId('notice')).toContainText('store data');
      expectClean(page, `/${app}/`);
      await expect(page.getByTestId('sign-in')).toBeEnabled();
    }
  });
}
