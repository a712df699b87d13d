// How often effects run, and parts are rendered: no more often than what they show changes.
import { FRAMEWORKS } from './bundle.js';
import { expect, test } from './page.js';
import type {} from './pages/ran.js';

for (const framework of [...FRAMEWORKS, 'angular'] as const) {
  test(`with ${framework} an effect that asks asks once, and one of what stays the same does not run again`, async ({ made, page }) => {
    const app = await made(framework).open({ asksFor: 'pay:x' });
    await app.signIn();
    await expect(app.dialog).toHaveCount(1);
    await app.dialog.getByRole('button', { name: 'Not now' }).click();
    await expect(app.dialog).toHaveCount(0);
    const { missing, ...before } = await page.evaluate(() => ran);
    expect(before).toMatchObject({ asked: 1 });
    // Another scope is asked for, and comes: nothing changed for this one.
    await app.at('ask-at-once').click();
    await expect(app.at('granted')).toHaveText('true');
    await expect(app.at('pending')).toHaveText('false');
    expect(await page.evaluate(() => ran)).toMatchObject({ asked: 1, missing });
  });

  test(`with ${framework} two clicks before the dialog is there are one question`, async ({ made, page }) => {
    const app = await made(framework).open();
    await app.signIn();
    await app.at('ask').evaluate((button: HTMLElement) => [1, 2].forEach(() => button.click()));
    await expect(app.at('answer')).toHaveText('false');
    await expect(app.dialog).toHaveCount(1);
    await page.keyboard.press('Enter');
    await expect(app.dialog).toHaveCount(0);
    await expect(app.at('granted')).toHaveText('true');
    expect(app.asked()).toHaveLength(2);
  });
}

test('with React a component that only calls APIs is not rendered again for a session that changes', async ({ made, page }) => {
  const app = await made('react').open({ api: '/api' });
  await expect(app.at('status')).toHaveText('signed-out');
  const { call } = await page.evaluate(() => ran);
  await app.signIn();
  await app.at('ask-at-once').click();
  await expect(app.at('granted')).toHaveText('true');
  expect(await page.evaluate(() => ran['call'])).toBe(call);
});
