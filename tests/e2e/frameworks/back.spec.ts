// A page that the back button brings out of the browser's cache, which is off in other tests.
import type { Page } from '@playwright/test';
import { keepingPages } from '../kept-pages.js';
import type { ScriptedServer } from '../server.js';
import { expect, test } from './page.js';

test.use(keepingPages);

test.beforeEach(({ page }) => page.addInitScript(() => addEventListener('pageshow', ({ persisted }) => persisted && document.body.setAttribute('data-persisted', ''))));

/** The page asks the server, which shows a page of its own; and the user goes back to it, as it was left. */
async function goBackFrom(server: ScriptedServer, page: Page): Promise<void> {
  await page.waitForURL(`${server.issuer}/authorize?*`);
  await page.evaluate(() => void setTimeout(() => history.back()));
  await expect(page.locator('body')).toHaveAttribute('data-persisted', '');
}

test('who goes back from the server, without an answer, can sign in again', async ({ made, page, server }) => {
  server.authorize = () => undefined;
  const app = await made('react').open();
  await app.at('sign-in-here').click();
  await goBackFrom(server, page);
  await expect(app.at('sign-in-here')).toBeEnabled();
  await expect(app.at('status')).toHaveText('signed-out');
  await app.at('sign-in-here').click();
  await page.waitForURL(`${server.issuer}/authorize?*`);
});

for (const framework of ['vue', 'svelte'] as const) {
  test(`so can who goes back without an answer about a scope: ${framework}`, async ({ made, page, server }) => {
    const app = await (await made(framework).open({ asking: { mode: 'redirect', dialog: false } })).signIn();
    server.authorize = () => undefined;
    await app.at('ask').click();
    await goBackFrom(server, page);
    await expect(app.at('pending')).toHaveText('false');
    await expect(app.at('status')).toHaveText('signed-in');
  });
}

for (const framework of ['react', 'vue', 'svelte'] as const) {
  test(`who is asked whether to leave, and stays, can sign in, and ask for a scope: ${framework}`, async ({ made, page }) => {
    const app = await (await made(framework).open({ asking: { mode: 'redirect', dialog: false } })).signIn();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.evaluate(() => addEventListener('beforeunload', (event) => event.preventDefault()));
    await app.at('ask').click();
    await expect(app.at('pending')).toHaveText('true');
    await expect(app.at('pending')).toHaveText('false');
    expect(asked).toEqual(['beforeunload']);
    await expect(app.at('status')).toHaveText('signed-in');
    if (framework !== 'react') return;
    await app.at('sign-out').click();
    await app.at('sign-in-here').click();
    await expect(app.at('sign-in-here')).toBeDisabled();
    await expect(app.at('sign-in-here')).toBeEnabled();
    expect(asked).toHaveLength(2);
  });
}
