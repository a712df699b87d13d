// Asking without leaving the page: popups and hidden frames, with the real provider.
import { expectFailure } from '../e2e/app.js';
import { type App, allow, choose, signIn } from './app.js';
import { type Browser } from './webdriver.js';
import { expect, test } from './fixtures.js';

/** A click that asks in a popup, which shows the provider's page then. */
async function ask(browser: Browser, app: App, method: string, ...args: unknown[]) {
  let clicked: Awaited<ReturnType<App['clickToCall']>> | undefined;
  const popup = await browser.opened(async () => { clicked = await app.clickToCall(method, ...args); });
  await popup.waitForUrl(({ pathname }) => pathname.startsWith('/interaction/'));
  return { popup, answer: clicked!.answer };
}

const POPUP = { mode: 'popup' } as const;

test('a popup: signing in, an upgrade that is refused, one that is closed, and one that is granted', async ({ app, windows }) => {
  const own = await app.with({ redirectUri: '/relay/' }).load();
  const first = await ask(windows, own, 'signIn', { ...POPUP, prompt: 'consent' });
  await choose(first.popup);
  await allow(first.popup);
  expect(await first.answer()).toMatchObject({ value: { kind: 'sign-in', outcome: 'granted' } });
  await expect.poll(() => first.popup.isClosed()).toBe(true);
  const { value: token } = await own.call('getAccessToken');

  const no = await ask(windows, own, 'upgrade', 'email', { ...POPUP, appState: { draft: 'Tea' } });
  await no.popup.press('deny');
  expect((await no.answer()).value).toMatchObject({ kind: 'upgrade', outcome: 'denied', missing: ['email'], appState: { draft: 'Tea' } });
  expect(await own.session()).toMatchObject({ signedIn: true, granted: ['openid', 'profile', 'offline_access'] });
  expect((await own.call('getAccessToken')).value).toBe(token);

  const gone = await ask(windows, own, 'upgrade', 'email', POPUP);
  await expect.poll(() => gone.popup.count('allow')).toBe(1);
  await gone.popup.close();
  expectFailure(await gone.answer(), 'popup_closed');
  expect((await own.call('getAccessToken')).value).toBe(token);

  const yes = await ask(windows, own, 'upgrade', 'email', POPUP);
  await allow(yes.popup);
  expect((await yes.answer()).value).toMatchObject({ kind: 'upgrade', outcome: 'granted' });
  expect((await own.session()).granted).toEqual(['openid', 'profile', 'offline_access', 'email']);
  await expect.poll(async () => (await windows.all()).length).toBe(1);
  expect(await own.trace()).toBe('');
});

test('a popup that no click asked for is blocked, or opens: it is said, and the session stays', async ({ app, windows, engine }, info) => {
  const own = await app.with({ redirectUri: '/relay/' }).load();
  await own.page.evaluate(() => void setTimeout(() => kit.call('main', 'signIn', { mode: 'popup' }).then((answer) => ((window as any).answer = answer)), 100));
  const opened = async () => (await windows.all()).length > 1;
  const answer = () => own.page.evaluate(() => (window as any).answer?.error?.code as string | undefined);
  await expect.poll(async () => (await opened()) || (await answer())).toBeTruthy();
  const isOpen = await opened();
  info.annotations.push({ type: `${engine}: a popup without a click`, description: isOpen ? 'opens' : 'is blocked' });
  if (!isOpen) expect(await answer()).toBe('popup_blocked');
  expect((await own.session()).signedIn).toBe(false);
});

test('tokens in memory are gone after a reload, and silently there again; what nobody agreed to is not', async ({ app }) => {
  const own = app.with({ storage: 'memory', redirectUri: '/cb', scope: 'openid profile' });
  await own.load();
  await signIn(own);
  const silent = await own.with({ redirectUri: '/relay/' }).load();
  expect((await silent.session()).signedIn).toBe(false);
  expect((await silent.call('signIn', { mode: 'silent' })).value).toMatchObject({ kind: 'sign-in', outcome: 'granted' });
  expect(await silent.session()).toMatchObject({ signedIn: true, claims: { name: 'Ada Lovelace' }, granted: ['openid', 'profile'] });
  const { value: token } = await silent.call('getAccessToken');
  expectFailure(await silent.call('upgrade', 'email', { mode: 'silent' }), 'consent_required');
  expect((await silent.call('getAccessToken')).value).toBe(token);
  expect(await silent.page.evaluate(() => document.querySelectorAll('iframe').length)).toBe(0);
});

test('a page that asks silently while it loads is answered again where the back button loads it anew', async ({ scripted }) => {
  const { page, site, options } = await scripted.load();
  await page.evaluate((options) => sessionStorage.setItem('asking', JSON.stringify(options)), options);
  await page.goto(`${site}/asking/`);
  let seen = '';
  /** What was answered, each time that the page was loaded. */
  const answer = async () => (seen = (await page.waitForUrl(({ pathname, hash }) => pathname === '/asking/' && hash !== '' && hash !== seen)).hash);
  expect(await answer()).toContain('granted');
  // More pages than a browser keeps as they were.
  for (let n = 0; n < 12; n += 1) await page.goto(`${site}/app/?${n}`);
  await page.evaluate(() => void setTimeout(() => history.go(-12)));
  expect(await answer()).toContain('granted');
});

test('an upgrade that the server grants without a question is silent', async ({ scripted, server }) => {
  await scripted.load();
  expect((await scripted.call('signIn', { mode: 'silent' })).value).toMatchObject({ outcome: 'granted' });
  expect((await scripted.call('upgrade', 'write:x', { mode: 'silent' })).value).toMatchObject({ kind: 'upgrade', outcome: 'granted' });
  expect((await scripted.session()).granted).toEqual(['openid', 'read:x', 'write:x']);
  server.authorize = (url) => server.reply(url, { error: 'login_required' });
  expectFailure(await scripted.call('signIn', { mode: 'silent' }), 'login_required');
  expect((await scripted.session()).signedIn).toBe(true);
});

test.describe('a provider with Cross-Origin-Opener-Policy: same-origin', () => {
  test.use({ openerPolicy: 'same-origin' });

  for (const [whose, path] of [['its own', '/app/'], ['the page’s too', '/alone/']] as const) {
    test(`a popup is answered: COOP ${whose}`, async ({ app, windows, engine }, info) => {
      const own = await app.with({ redirectUri: '/relay/' }).load(path);
      await own.page.evaluate(() => {
        const { open } = window;
        window.open = (...args) => ((window as any).popup = open.apply(window, args));
      });
      const { popup, answer } = await ask(windows, own, 'signIn', { ...POPUP, prompt: 'consent' });
      await choose(popup);
      await expect.poll(() => popup.count('allow')).toBe(1);
      // Longer than it takes to notice that a popup was closed.
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      const looksClosed = await own.page.evaluate(() => (window as any).popup?.closed);
      info.annotations.push({ type: `${engine}: to its opener the popup looks`, description: looksClosed ? 'closed' : 'open' });
      await allow(popup);
      expect((await answer()).value).toMatchObject({ outcome: 'granted' });
      await expect.poll(() => popup.isClosed()).toBe(true);
    });
  }
});

test('a page with Cross-Origin-Opener-Policy: same-origin, and a provider without one', async ({ app, windows }) => {
  const own = await app.with({ redirectUri: '/relay/' }).load('/alone/');
  const { popup, answer } = await ask(windows, own, 'signIn', { ...POPUP, prompt: 'consent' });
  await choose(popup);
  await allow(popup);
  expect((await answer()).value).toMatchObject({ outcome: 'granted' });
  await expect.poll(() => popup.isClosed()).toBe(true);
});
