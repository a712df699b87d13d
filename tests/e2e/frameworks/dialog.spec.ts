// The dialog that says what scopes are for, "Not now", and the banner for scopes that a new version needs.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import { FRAMEWORKS } from './bundle.js';
import { expect, sharedFiles, test, type Made } from './page.js';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe-core finds against WCAG, and how many rules it tried. It runs apart from the page's policy. */
async function barriers(page: Page): Promise<{ found: string[]; tried: number }> {
  const source = await readFile(axe, 'utf8');
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: source });
  const { result } = await session.send('Runtime.evaluate', {
    expression: "axe.run('dialog').then(({ violations, passes }) => JSON.stringify({ found: violations.map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html).join()), tried: passes.length }))", awaitPromise: true, returnByValue: true,
  });
  return JSON.parse(result.value);
}

for (const framework of ['react', 'vue', 'svelte'] as const) {
  test.describe(framework, () => {
    test('the dialog is modal and named, goes by the keyboard, and gives the focus back', async ({ made, page }) => {
      const app = await made(framework).open();
      await app.signIn();
      await app.at('ask').focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog', { name: 'This needs your permission' });
      await expect(dialog).toBeVisible();
      await expect(dialog).toHaveAccessibleDescription(/Create appointments\s*to save what you enter/);
      await expect(dialog.getByRole('term')).toHaveText(['Create appointments']);
      await expect(dialog.getByRole('button', { name: 'Continue' })).toBeFocused();
      await page.keyboard.press('Tab');
      await expect(dialog.getByRole('button', { name: 'Not now' })).toBeFocused();
      expect(await page.evaluate(() => document.querySelector('dialog')!.matches(':modal'))).toBe(true);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { found, tried } = await barriers(page);
        expect(found).toEqual([]);
        expect(tried).toBeGreaterThan(5);
      }
      await page.keyboard.press('Escape');
      await expect(dialog).toHaveCount(0);
      await expect(app.at('ask')).toBeFocused();
      await expect(app.at('answer')).toHaveText('false');
      expect(app.asked()).toHaveLength(1);
      // Whoever clicks wants it, whatever was said before. Enter goes on.
      await page.keyboard.press('Enter');
      await expect(dialog.getByRole('button', { name: 'Continue' })).toBeFocused();
      await page.keyboard.press('Enter');
      await expect(app.at('granted')).toHaveText('true');
    });

    test('it speaks the application’s language, and takes its style', async ({ made, page }) => {
      const app = await made(framework).open({ asking: { locale: 'de', texts: { heading: 'Wir brauchen deine Erlaubnis', continue: 'Weiter', notNow: 'Nicht jetzt' } } });
      await app.signIn();
      await page.evaluate(() => {
        const sheet = new CSSStyleSheet();
        sheet.replaceSync('dialog { border: 3px solid rgb(1, 2, 3); } [data-part=continue] { color: rgb(4, 5, 6); }');
        document.adoptedStyleSheets.unshift(sheet);
      });
      await app.at('ask').click();
      const dialog = page.getByRole('dialog', { name: 'Wir brauchen deine Erlaubnis' });
      await expect(dialog).toContainText('um zu sichern, was du einträgst');
      await expect(dialog).toHaveCSS('border-top-color', 'rgb(1, 2, 3)');
      await expect(dialog.getByRole('button', { name: 'Weiter' })).toHaveCSS('color', 'rgb(4, 5, 6)');
      await dialog.getByRole('button', { name: 'Nicht jetzt' }).click();
      await expect(dialog).toHaveCount(0);
    });

    test('a sensitive scope is asked for after the others, alone, in a click of its own', async ({ made, page }) => {
      const app = await made(framework).open({ several: ['pay:x', 'write:x', 'other:x'] });
      await app.signIn();
      await expect(app.at('missing')).toHaveText('pay:x write:x other:x');
      // Even where the application explains by itself.
      await app.at('ask-at-once').click();
      await expect(app.dialog.getByRole('term')).toHaveText(['Create appointments', 'other:x']);
      await app.dialog.getByRole('button', { name: 'Continue' }).click();
      await expect(app.dialog.getByRole('term')).toHaveText(['Pay']);
      expect(app.asked()).toHaveLength(2);
      await app.dialog.getByRole('button', { name: 'Continue' }).click();
      await expect(app.at('answer')).toHaveText('true');
      const asked = app.asked().map((scope) => scope.split(' '));
      expect(asked[1]).toEqual(expect.arrayContaining(['write:x', 'other:x']));
      expect(asked[1]).not.toContain('pay:x');
      expect(asked[2]).toContain('pay:x');
      expect(page.context().pages()).toHaveLength(1);
    });

    test('each popup opens while its click is dispatched, whatever came before', async ({ made, page, server }) => {
      await page.addInitScript(() => {
        const { open } = window;
        (globalThis as any).opened = [];
        window.open = (...args) => {
          (globalThis as any).opened.push(window.event?.type === 'click' && window.event.isTrusted);
          return open.apply(window, args);
        };
      });
      const app = await made(framework).open({ several: ['pay:x', 'write:x'], dialogFor: 'read:y', options: { metadata: undefined, issuer: server.issuer } });
      await app.signIn();
      await app.dialog.getByRole('button', { name: 'Continue' }).click();
      await expect(app.dialog).toHaveCount(0);
      // One question at a time: the popup is done.
      await expect.poll(() => page.context().pages().length).toBe(1);
      await app.at('ask').click();
      for (const title of ['Create appointments', 'Pay']) {
        await expect(app.dialog.getByRole('term')).toHaveText([title]);
        await app.dialog.getByRole('button', { name: 'Continue' }).click();
      }
      await expect(app.at('answer')).toHaveText('true');
      expect(await page.evaluate(() => (globalThis as any).opened)).toEqual([true, true, true, true]);
    });

    test('where the page explains, the popup opens in the page’s own click', async ({ made, page }) => {
      await page.addInitScript(() => {
        const { open } = window;
        window.open = (...args) => {
          (globalThis as any).during = window.event?.type;
          return open.apply(window, args);
        };
      });
      const app = await made(framework).open({ base: ['write:x'] });
      await app.signIn();
      await app.at('update').click();
      await expect(app.at('granted')).toHaveText('true');
      expect(await page.evaluate(() => (globalThis as any).during)).toBe('click');
    });

    test('a dialog that comes unasked is there once, goes with its component, and stays away after a no', async ({ made, page, server }) => {
      const app = await made(framework).open({ dialogFor: 'write:x' });
      await app.at('sign-in').click();
      await expect(app.dialog).toHaveCount(1);
      await page.keyboard.press('Escape');
      await expect(app.dialog).toHaveCount(0);
      await expect(app.at('pending')).toHaveText('false');
      // The page forgets; and the dialog is not in the way of a sign-out by another tab.
      await page.reload();
      await expect(app.dialog).toHaveCount(1);
      await page.evaluate(() => clients[0]!.signOut({ local: true }));
      await expect(app.dialog).toHaveCount(0);
      await expect(app.at('status')).toHaveText('signed-out');
      await app.at('sign-in').click();
      // The no is to what the dialog asks for, and not to the sign-in.
      await expect(app.dialog).toHaveCount(1);
      server.authorize = (url) => server.reply(url, { error: 'access_denied' });
      await app.dialog.getByRole('button', { name: 'Continue' }).click();
      await expect(app.at('scope-status')).toHaveText('denied');
      await page.reload();
      await expect(app.at('status')).toHaveText('signed-in');
      await expect(app.at('scope-status')).toHaveText('denied');
      await expect(app.dialog).toHaveCount(0);
    });

    test('a dialog that comes unasked asks anew when its component is for another scope', async ({ made, page }) => {
      const app = await made(framework).open({ dialogFor: 'write:x' });
      await app.at('sign-in').click();
      await expect(app.dialog.getByRole('term')).toHaveText(['Create appointments']);
      await app.at('other-scope').dispatchEvent('click');
      await expect(app.dialog.getByRole('term')).toHaveText(['Pay']);
      await expect(app.dialog).toHaveCount(1);
      await page.keyboard.press('Escape');
      await expect(app.dialog).toHaveCount(0);
    });
  });
}

test('in Vue a dialog that comes unasked is shown while its component is, not while that is kept alive', async ({ made, page }) => {
  const app = await made('vue').open({ dialogFor: 'write:x' });
  await app.signIn();
  await expect(app.dialog).toHaveCount(1);
  await app.at('away').dispatchEvent('click');
  await expect(app.dialog).toHaveCount(0);
  // What changes meanwhile brings none.
  await app.at('sign-out').click();
  await app.signIn();
  await expect(app.at('granted')).toHaveText('false');
  await expect(app.dialog).toHaveCount(0);
  await app.at('away').click();
  await expect(app.dialog.getByRole('term')).toHaveText(['Create appointments']);
  await page.keyboard.press('Escape');
  await expect(app.dialog).toHaveCount(0);
});

test('what an option leaves undefined is as the application says, or as it is by default', async ({ made, page }) => {
  const app = await made('vue').open({ asking: { notNow: 'session', texts: { heading: 'Please' } } });
  await app.signIn();
  const ask = (options: object) => page.evaluate((options) => {
    const { app, useScope, useScopeUpdate } = (globalThis as any).vue;
    const none = { mode: undefined, notNow: undefined, texts: undefined, locale: undefined, signal: undefined };
    void app.runWithContext(() => ('dialog' in options ? useScopeUpdate : useScope)('write:x', none)[('dialog' in options ? 'update' : 'request')]({ ...none, ...options }));
  }, options);
  await ask({ texts: { continue: undefined } });
  await expect(app.dialog.getByRole('heading')).toHaveText('This needs your permission');
  await expect(app.dialog.getByRole('button')).toHaveText(['Continue', 'Not now']);
  await app.dialog.getByRole('button', { name: 'Not now' }).click();
  await expect.poll(() => app.putOff('session')).toHaveLength(1);
  await ask({});
  await expect(app.dialog.getByRole('heading')).toHaveText('Please');
  await page.keyboard.press('Escape');
  await expect(app.dialog).toHaveCount(0);
  // An update asks at once, in a popup, unless somebody says otherwise.
  await ask({ dialog: undefined });
  await expect(app.at('granted')).toHaveText('true');
  expect(app.asked()).toHaveLength(2);
});

/** Where "Not now" to write:x is kept: for one client, and nothing of the user. */
const entryOf = ({ server }: Made) => `scopewise-not-now ${server.issuer} app write:x`;

const areas = { page: [0, 0], session: [1, 0], 30: [0, 1] } as const;

for (const framework of FRAMEWORKS) {
  test.describe(framework, () => {
    for (const [notNow, [inSession, inLocal]] of Object.entries(areas)) {
      test(`"Not now" is remembered: ${notNow}`, async ({ made, page }) => {
        const app = await made(framework).open({ base: ['openid', 'write:x'], asking: { notNow: Number(notNow) || notNow } });
        await app.signIn();
        await expect(app.at('banner')).toContainText('Create appointments');
        await app.at('ask').click();
        await app.dialog.getByRole('button', { name: 'Not now' }).click();
        await expect(app.at('banner')).toHaveCount(0);
        expect(await app.putOff('session')).toHaveLength(inSession);
        expect(await app.putOff('local')).toHaveLength(inLocal);
        const kept = await page.evaluate(() => Object.entries({ ...sessionStorage, ...localStorage }).filter(([key]) => key.startsWith('scopewise-not-now')));
        for (const [key, until] of kept) {
          expect(key).toBe(entryOf(app));
          expect(until).toMatch(/^\d+$/);
        }
        await page.reload();
        await expect(app.at('status')).toHaveText('signed-in');
        await expect(app.at('banner')).toHaveCount(notNow === 'page' ? 1 : 0);
        // Granted once, it is not put off any more.
        await app.at('ask-at-once').click();
        await expect(app.at('granted')).toHaveText('true');
        expect([...await app.putOff('session'), ...await app.putOff('local')]).toEqual([]);
      });
    }

    test('the banner for a scope that a new version needs: shown, dismissed, and gone once granted', async ({ made, page }) => {
      const app = await made(framework).open({ base: ['openid', 'write:x'], asking: { notNow: 'session' } });
      await expect(app.at('status')).toHaveText('signed-out');
      await expect(app.at('banner')).toHaveCount(0);
      await app.signIn();
      await app.at('dismiss').click();
      await expect(app.at('banner')).toHaveCount(0);
      await page.evaluate((key) => sessionStorage.removeItem(key), entryOf(app));
      await page.reload();
      await app.at('update').click();
      await expect(app.at('granted')).toHaveText('true');
      await expect(app.at('banner')).toHaveCount(0);
      await page.reload();
      await expect(app.at('granted')).toHaveText('true');
      await expect(app.at('banner')).toHaveCount(0);
    });

    test('a no ends the banner, and nothing asks again', async ({ made, page, server }) => {
      const app = await made(framework).open({ base: ['openid', 'write:x'] });
      await app.signIn();
      server.authorize = (url) => server.reply(url, { error: 'access_denied' });
      await app.at('update').click();
      await expect(app.at('banner')).toHaveCount(0);
      await page.reload();
      await expect(app.at('scope-status')).toHaveText('denied');
      await expect(app.at('banner')).toHaveCount(0);
      expect(app.asked()).toHaveLength(2);
    });
  });
}

test('what is put off for one client is not for another on the same page', async ({ made }) => {
  const app = made('react');
  const open = () => app.open({ base: ['openid', 'write:x'], asking: { notNow: 'session' }, other: app.options({ clientId: 'other', scope: 'openid' }) });
  await open();
  await app.signIn();
  await app.second.signIn();
  await expect(app.at('banner')).toBeVisible();
  await expect(app.second.at('banner')).toBeVisible();
  await app.at('dismiss').click();
  await expect(app.at('banner')).toHaveCount(0);
  await expect(app.second.at('banner')).toBeVisible();
  await open();
  await expect(app.second.at('banner')).toBeVisible();
  await expect(app.at('status')).toHaveText('signed-in');
  await expect(app.at('banner')).toHaveCount(0);
});

test('days pass, and storage that throws leaves it to the page’s memory', async ({ made, page }) => {
  const app = await made('react').open({ base: ['openid', 'write:x'], asking: { notNow: 1 } });
  await app.signIn();
  await app.at('dismiss').click();
  const days = await page.evaluate((key) => (Number(localStorage[key]) - Date.now()) / 86_400_000, entryOf(app));
  expect(days).toBeGreaterThan(0.99);
  expect(days).toBeLessThanOrEqual(1);
  await page.evaluate((key) => void (localStorage[key] = `${Date.now() - 1}`), entryOf(app));
  await page.reload();
  await expect(app.at('banner')).toBeVisible();
  await page.evaluate(() => {
    localStorage.clear();
    Object.defineProperty(globalThis, 'localStorage', { get: () => { throw new DOMException('no', 'SecurityError'); } });
  });
  await app.at('dismiss').click();
  await expect(app.at('banner')).toHaveCount(0);
  await page.reload();
  await expect(app.at('banner')).toBeVisible();
});

test('the dialog fits a narrow page with a scope of one long word, and is flush where text runs from right to left', async ({ made, page }) => {
  const app = await made('react').open({ several: ['https://api.example.com/auth/appointments.events.owned.readonly', 'write:x'] });
  await app.signIn();
  await page.setViewportSize({ width: 320, height: 480 });
  await page.evaluate(() => void (document.documentElement.dir = 'rtl'));
  await app.at('ask').click();
  await expect(app.dialog).toBeVisible();
  expect(await app.dialog.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);
  const right = await app.dialog.locator('h2, [data-part=continue]').evaluateAll((parts) => parts.map((part) => part.getBoundingClientRect().right));
  expect(right[0]).toBe(right[1]);
});

test('no scope at all is not granted before there is a client, and a question that the application aborts is no failure', async ({ app, page, server }) => {
  const [store] = await sharedFiles(['storeOf']);
  await app.goto();
  await app.open();
  await app.signIn();
  server.authorize = () => undefined;
  const said = await page.evaluate(async (path) => {
    const { storeOf } = await import(path!);
    const [store, none] = [storeOf(kit.clients['main']!), storeOf(new Promise(() => {}))];
    const aborting = new AbortController();
    const answer = store.questions(() => ['write:x']).request({ dialog: false, signal: aborting.signal });
    aborting.abort();
    return [none.scope(none.read(), '').granted, await answer, store.scope(store.read(), 'write:x').error];
  }, store);
  expect(said).toEqual([false, false, null]);
});

test('a dialog leaves nothing behind on the signal that may close it', async ({ app, page }) => {
  const [store] = await sharedFiles(['storeOf']);
  await app.goto();
  await app.open();
  await app.signIn();
  await page.evaluate(async (path) => {
    const { storeOf } = await import(path!);
    const store = storeOf(kit.clients['main']!);
    const signal = new AbortController().signal;
    const ask = () => store.questions(() => ['write:x']).request({ signal });
    Object.assign(globalThis, { ask, signal });
  }, store);
  for (const _ of 'ab') {
    const answer = page.evaluate(() => (globalThis as any).ask());
    await page.getByRole('dialog').getByRole('button', { name: 'Not now' }).click();
    expect(await answer).toBe(false);
  }
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', { expression: 'signal' });
  const { listeners } = await session.send('DOMDebugger.getEventListeners', { objectId: result.objectId! });
  expect(listeners.map(({ type }) => type)).toEqual([]);
});

test('where what asks users cannot be loaded, nothing is thrown in the page, and a question says why it failed', async ({ app, page, mayLog }) => {
  mayLog(/Failed to load resource/);
  const [store, asking] = await sharedFiles(['storeOf', 'askingOf']);
  await page.route(`**${asking}`, (route) => route.abort());
  const thrown: unknown[] = [];
  page.on('pageerror', (error) => thrown.push(error));
  await app.goto();
  await app.open();
  await app.signIn();
  const said = await page.evaluate(async (path) => {
    const { storeOf } = await import(path!);
    const client = kit.clients['main']!;
    const store = storeOf(client);
    const view = () => store.scope(store.read(), 'write:x');
    const { dismiss, request } = store.questions(() => ['write:x']);
    const { visible } = view();
    dismiss();
    const answer = await request();
    // Nor where there will be no client.
    const none = storeOf(Promise.reject(new Error('there is none')));
    none.questions(() => ['write:x']).dismiss();
    await new Promise((resolve) => setTimeout(resolve));
    return [visible, answer, String(view().error), none.read().status];
  }, store);
  expect(said).toEqual([false, false, expect.stringContaining('Failed to fetch'), 'error']);
  expect(thrown).toEqual([]);
});
