// The adapters, each with its real framework: what users see of a session and its scopes, and what becomes of it.
import { seenAtWork } from '../windows.js';
import { FRAMEWORKS } from './bundle.js';
import { expect, test } from './page.js';
import { grantsAScope, refusesAScope, signsInAndOut } from './steps.js';

for (const framework of FRAMEWORKS) {
  test.describe(framework, () => {
    test('status, a sign-in by popup, a token, a call, and a sign-out', async ({ made, mayShow }) => {
      const app = await made(framework).open({ api: '/api' });
      await signsInAndOut(app, mayShow);
      await expect(app.at('fallback')).toBeVisible();
    });

    test('a scope that is granted in a popup is seen everywhere at once', async ({ made, page }) => {
      const app = await made(framework).open();
      await app.signIn();
      await expect(app.at('scope-status')).toHaveText('not-requested');
      await expect(app.at('fallback')).toBeVisible();
      await grantsAScope(app);
      await expect(app.at('fallback')).toHaveCount(0);
      await expect(app.at('told')).toHaveCount(0);
      await expect(app.dialog).toHaveCount(0);
      // What is checked counts as used.
      expect(await page.evaluate(() => clients[0]!.scopeReport().used)).toContain('write:x');
    });

    test('a no is seen, the session stays, and no popup is left', async ({ made, page }) => {
      const app = await made(framework).open();
      await app.signIn();
      await refusesAScope(app);
      await expect.poll(() => page.context().pages().length).toBe(1);
    });

    test('a popup that is blocked is an error to show; one that the user closes is none', async ({ made, server, page }) => {
      const app = await made(framework).open();
      await app.signIn();
      server.authorize = () => undefined;
      const [popup] = await Promise.all([page.waitForEvent('popup'), app.at('ask-at-once').click()]);
      await popup.waitForURL(`${server.issuer}/authorize?*`);
      await seenAtWork(page);
      await popup.close();
      await expect(app.at('answer')).toHaveText('false');
      await expect(app.at('scope-error')).toHaveText('none');
      await page.evaluate(() => { window.open = () => null; });
      await app.at('ask-at-once').click();
      await expect(app.at('scope-error')).toHaveText('popup_blocked');
      await app.at('sign-out').click();
      await app.at('sign-in').click();
      await expect(app.at('error')).toHaveText('popup_blocked');
    });

    test('the end of a session that cannot be renewed is seen', async ({ made, server }) => {
      server.answer = { expires_in: 3 };
      const app = await made(framework).open({ options: { scope: 'openid write:x' } });
      await app.signIn();
      await expect(app.at('granted')).toHaveText('true');
      await expect(app.at('status')).toHaveText('expired');
      await expect(app.at('granted')).toHaveText('false');
      await expect(app.at('fallback')).toBeVisible();
      await expect(app.at('name')).toHaveText('ada');
    });

    test('an answer in the address bar is handled before anything is shown, a failure too', async ({ made, page, server, site }) => {
      const app = await made(framework).open();
      await expect(app.at('status')).toHaveText('signed-out');
      const url = await page.evaluate(() => clients[0]!.authorizeUrl({ returnTo: '/inbox?a=1' }).url);
      await page.goto(server.approve(url));
      await expect(app.at('status')).toHaveText('signed-in');
      expect(page.url()).toBe(`${site}/inbox?a=1`);
      expect(server.requests()).toHaveLength(1);
      await page.goto(`${site}/cb?state=unknown&error=access_denied`);
      await expect(app.at('error')).toHaveText('transaction_missing');
      await expect(app.at('status')).toHaveText('signed-in');
    });

    test('no client at all is an error that can be shown', async ({ made }) => {
      const app = await made(framework).open({ options: { redirectUri: 'ftp://no.example/' } });
      await expect(app.at('status')).toHaveText('error');
      await expect(app.at('error')).toHaveText('invalid_options');
      await expect(app.at('granted')).toHaveText('false');
    });

    test('a client that is closed while it is shown grants nothing, and says so where scopes are shown', async ({ made, page }) => {
      const app = await made(framework).open({ options: { scope: 'openid write:x' } });
      await app.signIn();
      await expect(app.at('granted')).toHaveText('true');
      await page.evaluate(() => clients[0]!.close());
      await app.at('ask-at-once').click();
      await expect(app.at('answer')).toHaveText('false');
      await expect(app.at('granted')).toHaveText('false');
      await expect(app.at('missing')).toHaveText('write:x');
      await expect(app.at('pending')).toHaveText('false');
      await expect(app.at('scope-error')).toHaveText('invalid_options');
      await expect(app.at('fallback')).toBeVisible();
      await expect(app.at('status')).toHaveText('signed-in');
    });

    test('two clients on one page have nothing of each other', async ({ made }) => {
      const app = made(framework);
      await app.open({ other: app.options({ clientId: 'other', scope: 'openid' }) });
      await app.signIn();
      await expect(app.second.at('status')).toHaveText('signed-out');
      await app.second.signIn();
      await expect(app.second.at('granted')).toHaveText('false');
      await app.second.at('ask-at-once').click();
      await expect(app.second.at('granted')).toHaveText('true');
      await expect(app.at('granted')).toHaveText('false');
      await app.at('sign-out').click();
      await expect(app.at('status')).toHaveText('signed-out');
      await expect(app.second.at('status')).toHaveText('signed-in');
    });

    for (const hydrates of ['promised', 'ready'] as const) {
      test(`what a server rendered is taken over without a difference, with a client that is ${hydrates}`, async ({ made, page }) => {
        const app = await made(framework).open();
        await app.signIn();
        const lines: string[] = [];
        page.on('console', (message) => void lines.push(message.text()));
        // What the page shows first, before anything is painted.
        await page.addInitScript(() => {
          (globalThis as any).seen = [];
          new MutationObserver(() => {
            const text = document.querySelector('[data-testid=status]')?.textContent;
            if (text && (globalThis as any).seen.at(-1) !== text) (globalThis as any).seen.push(text);
          }).observe(document, { subtree: true, childList: true, characterData: true });
        });
        const html = page.waitForResponse(/\/html$/).then((response) => response.text());
        await app.open({ hydrates });
        expect(await html).toMatch(/data-testid="status">loading/);
        await expect(app.at('status')).toHaveText('signed-in');
        await expect(app.at('granted')).toHaveText('false');
        expect(await page.evaluate(() => (globalThis as any).seen)).toEqual(['loading', 'signed-in']);
        expect(lines.filter((line) => /hydrat|mismatch|not the same/i.test(line))).toEqual([]);
      });
    }
  });
}

test('guards and stores of Vue, which are no components, take what they need without a warning', async ({ made, page, mayShow }) => {
  mayShow(/access-1/);
  const warned: string[] = [];
  page.on('console', (message) => message.type() === 'warning' && warned.push(message.text()));
  const app = await made('vue').open();
  await app.signIn();
  const said = await page.evaluate(() => {
    const { app, useAccessToken, useAuth, useScope } = (globalThis as any).vue;
    return app.runWithContext(async () => [useAuth().status.value, useScope('read:x').granted.value, await useAccessToken()()]);
  });
  expect(said).toEqual(['signed-in', true, 'access-1']);
  expect(warned).toEqual([]);
});

test('the React part that comes late, behind Suspense, sees what was granted meanwhile', async ({ made }) => {
  const app = await made('react').open();
  await app.signIn();
  await expect(app.at('late')).toHaveText('may not write');
  await app.at('ask-at-once').click();
  await expect(app.at('late')).toHaveText('may write');
});
