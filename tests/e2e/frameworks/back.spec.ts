// A page that the back button brings out of the browser's cache, which is off in other tests.
import config from '../../playwright.config.js';
import { expect, test } from './page.js';

test.use({ launchOptions: { ...config.use!.launchOptions, ignoreDefaultArgs: ['--disable-back-forward-cache'] } });

test('who goes back from the server, without an answer, can sign in again', async ({ made, page, server }) => {
  await page.addInitScript(() => addEventListener('pageshow', ({ persisted }) => persisted && document.body.setAttribute('data-persisted', '')));
  server.authorize = () => undefined;
  const app = await made('react').open();
  await app.at('sign-in-here').click();
  await page.waitForURL(`${server.issuer}/authorize?*`);
  await page.evaluate(() => void setTimeout(() => history.back()));
  await expect(page.locator('body')).toHaveAttribute('data-persisted', '');
  await expect(app.at('sign-in-here')).toBeEnabled();
  await expect(app.at('status')).toHaveText('signed-out');
  await app.at('sign-in-here').click();
  await page.waitForURL(`${server.issuer}/authorize?*`);
});

for (const framework of ['vue', 'svelte'] as const) {
  test(`so can who goes back without an answer about a scope: ${framework}`, async ({ made, page, server }) => {
    await page.addInitScript(() => addEventListener('pageshow', ({ persisted }) => persisted && document.body.setAttribute('data-persisted', '')));
    const app = await (await made(framework).open({ asking: { mode: 'redirect', dialog: false } })).signIn();
    server.authorize = () => undefined;
    await app.at('ask').click();
    await page.waitForURL(`${server.issuer}/authorize?*`);
    await page.evaluate(() => void setTimeout(() => history.back()));
    await expect(page.locator('body')).toHaveAttribute('data-persisted', '');
    await expect(app.at('pending')).toHaveText('false');
    await expect(app.at('status')).toHaveText('signed-in');
  });
}
