// The diary, the same in four frameworks: sign in, a list, one more permission in the click, an offer that waits.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { allow, choose } from './people.js';

/** The scopes of the stored session. */
const granted = (page: Page): Promise<string[]> => page.evaluate(() => {
  const [, text] = Object.entries(sessionStorage).find(([key]) => key.endsWith(':session')) ?? [];
  return JSON.parse(text ?? '{}').grants?.[0]?.granted ?? [];
});

for (const framework of ['react', 'vue', 'svelte', 'angular']) {
  test(`the diary made with ${framework}`, async ({ page, demo }) => {
    const main = page.getByRole('main');
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.goto(demo.url);
    await page.getByTestId(`made-with-${framework}`).click();
    await page.getByRole('button', { name: 'Sign in with Harbor ID' }).click();
    await choose(page, 'ada');
    await allow(page);
    await expect(main.getByText('Ada Lovelace')).toBeVisible();
    expect(new URL(page.url()).pathname).toBe(`/${framework}/`);
    const entries = main.getByRole('listitem');
    await expect(entries.filter({ hasText: 'Dentist' })).toBeVisible();
    const walks = () => entries.filter({ hasText: 'A walk' }).count();
    const before = await walks();

    // The offer of the new version can wait.
    await expect(page.getByRole('complementary').filter({ hasText: 'See your e-mail address, to remind you' })).toBeVisible();
    await page.getByRole('button', { name: 'Not now' }).click();
    await expect(main.getByText('New: reminders.')).toHaveCount(0);
    await page.reload();
    await expect(entries.filter({ hasText: 'Dentist' })).toBeVisible();
    await expect(main.getByText('New: reminders.')).toHaveCount(0);

    const add = page.getByRole('button', { name: 'Add a walk tomorrow' });
    const dialog = page.getByRole('dialog', { name: 'This needs your permission' });
    const popupAfter = async () => {
      await add.click();
      await expect(dialog).toContainText('to put the walk into your diary');
      const [popup] = await Promise.all([page.waitForEvent('popup'), dialog.getByRole('button', { name: 'Continue' }).click()]);
      return popup;
    };
    await (await popupAfter()).getByTestId('deny').click();
    await expect(main.getByText('Nothing was added')).toBeVisible();
    expect(await walks()).toBe(before);
    await allow(await popupAfter());
    await expect.poll(walks).toBe(before + 1);
    await add.click();
    await expect.poll(walks).toBe(before + 2);
    await expect(dialog).toHaveCount(0);

    await page.setViewportSize({ width: 360, height: 740 });
    const { wide, width } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, width: document.documentElement.clientWidth }));
    expect(wide).toBeLessThanOrEqual(width);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByTestId('logout-yes').click();
    // What Ada allowed is there again after her next sign-in, and she is not asked: the diary remembers what to ask for, and Harbor ID what she said.
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.getByRole('button', { name: 'Sign in with Harbor ID' }).click();
    await page.getByTestId('account-ada').click();
    await expect(entries.filter({ hasText: 'Dentist' })).toBeVisible();
    await expect.poll(() => granted(page)).toContain('write:appointments');
    const after = await walks();
    await add.click();
    await expect.poll(walks).toBe(after + 1);
    await expect(dialog).toHaveCount(0);
  });
}
