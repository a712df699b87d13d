// Signing in and asking for more by leaving the page, with the real provider.
import { expectFailure } from '../e2e/app.js';
import { allow, choose, signIn } from './app.js';
import { expect, test } from './fixtures.js';

test('signing in by redirect: handled once, a clean URL, and scopes that can be asked about', async ({ app, between }) => {
  await app.load();
  expect((await app.session()).signedIn).toBe(false);
  await app.leave('signIn', { prompt: 'consent', appState: { draft: 'Café & <Bar>' } });
  await choose(app.page);
  await allow(app.page, 'profile');
  const url = await app.page.waitForUrl(({ origin, searchParams }) => origin === app.site && searchParams.has('code'));
  await app.open();
  const [first, second] = await app.page.evaluate(() => Promise.all([kit.call('main', 'handleCallback'), kit.call('main', 'handleCallback')]));
  expect(first.value).toMatchObject({ kind: 'sign-in', outcome: 'partial', granted: ['openid', 'offline_access'], missing: ['profile'], appState: { draft: 'Café & <Bar>' } });
  expect(second).toEqual(first);
  expect(await app.trace()).toBe('');
  const told = await app.page.evaluate(() => {
    const { session } = kit.clients['main'];
    return { claims: session.claims, has: session.has('offline_access'), hasScope: kit.clients['main'].hasScope('profile'), missing: session.missing(['openid', 'profile', 'email']) };
  });
  expect(told).toMatchObject({ claims: { sub: 'ada' }, has: true, hasScope: false, missing: ['profile', 'email'] });

  // The same answer once more, as the back button or a reload brings it: no second exchange.
  await app.page.goto(url.href);
  await app.open();
  expect((await app.call('handleCallback')).value).toMatchObject({ outcome: 'partial' });
  expect(await app.trace()).toBe('');
  expect(between.sent('code')).toHaveLength(1);
});

for (const storage of ['session', 'local', 'indexeddb'] as const) {
  test(`a reload keeps the session: storage ${storage}`, async ({ app, between }) => {
    const stored = app.with({ storage });
    await stored.load();
    await signIn(stored);
    expect(await stored.session()).toMatchObject({ signedIn: true, persisted: true });
    const { value } = await stored.call('getAccessToken');
    await stored.reload();
    expect((await stored.call('getAccessToken')).value).toBe(value);
    expect((await stored.call('getAccessToken', { forceRefresh: true })).value).not.toBe(value);
    await stored.load('/elsewhere/');
    expect(await stored.session()).toMatchObject({ signedIn: true, claims: { name: 'Ada Lovelace' } });
    expect(between.sent('refresh_token')).toHaveLength(1);
  });
}

test('a reload keeps the session while another tab has it: storage worker', async ({ app, windows, between }) => {
  const stored = app.with({ storage: 'worker' });
  await stored.load();
  await signIn(stored);
  const other = await stored.with({}, await windows.open()).load();
  expect(await other.session()).toMatchObject({ signedIn: true, claims: { sub: 'ada' } });
  const { value } = await other.call('getAccessToken', { forceRefresh: true });
  expect(value).toBeTruthy();
  await other.reload();
  expect((await other.call('getAccessToken')).value).toBe(value);
  expect(between.sent('refresh_token')).toHaveLength(1);
  await other.page.close();
  // The refresh token is in no storage that the page can read.
  const stores = await stored.page.evaluate(() => JSON.stringify([{ ...sessionStorage }, { ...localStorage }]));
  for (const token of between.sent('refresh_token')) expect(stores).not.toContain(token);
  await stored.reload();
  expect((await stored.session()).signedIn).toBe(false);
});

test('upgrade by redirect: the app takes up where it was, and a no keeps the session', async ({ app }) => {
  await app.load();
  await signIn(app);
  const { value: token } = await app.call('getAccessToken');
  await app.leave('upgrade', 'email', { appState: { draft: 'Tea' } });
  await app.page.press('deny');
  expect((await app.comeBack()).value).toMatchObject({ kind: 'upgrade', outcome: 'denied', missing: ['email'], appState: { draft: 'Tea' } });
  expect((await app.call('getAccessToken')).value).toBe(token);
  expect(await app.session()).toMatchObject({ signedIn: true, granted: ['openid', 'profile', 'offline_access'] });
  expect((await app.call('scopeStatus', 'email')).value).toBe('denied');

  await app.leave('upgrade', 'email', { appState: { draft: 'Tea' }, returnTo: '/app/?step=2' });
  await allow(app.page);
  expect((await app.comeBack()).value).toMatchObject({ kind: 'upgrade', outcome: 'granted', appState: { draft: 'Tea' }, returnTo: '/app/?step=2' });
  expect(await app.trace()).toBe('');
  expect((await app.session()).granted).toEqual(['openid', 'profile', 'offline_access', 'email']);
  expect((await app.call('getAccessToken', { scope: 'email' })).value).not.toBe(token);
});

test('signing out: at the server too, and back', async ({ app }) => {
  await app.load();
  await signIn(app);
  await app.leave('signOut', { returnTo: '/app/' });
  await app.page.press('logout-yes');
  await app.page.waitForUrl(({ origin, pathname }) => origin === app.site && pathname === '/app/');
  await app.open();
  expect((await app.session()).signedIn).toBe(false);
  expectFailure(await app.call('getAccessToken'), 'not_signed_in');
  // The server has forgotten as well, and asks who it is.
  await app.leave('signIn');
  await choose(app.page, 'grace');
  await allow(app.page);
  expect((await app.comeBack()).value).toMatchObject({ outcome: 'granted' });
  expect((await app.session()).claims.sub).toBe('grace');
});

test('the back button at the provider: the page is there again, and works', async ({ app, engine }, info) => {
  const kept = app.with({ redirectUri: '/kept/' });
  await kept.load('/kept/');
  await kept.page.evaluate(() => addEventListener('pageshow', ({ persisted }) => void ((window as any).persisted = persisted)));
  await kept.leave('signIn', { prompt: 'consent' });
  await expect.poll(() => kept.page.count('account-ada')).toBe(1);
  await kept.page.evaluate(() => void setTimeout(() => history.back()));
  await kept.page.waitForUrl(({ origin }) => origin === kept.site);
  await expect.poll(() => kept.page.peek(() => typeof window.kit)).toBe('object');
  const isKept = await kept.page.evaluate(() => (window as any).persisted === true);
  info.annotations.push({ type: `${engine}: the page was`, description: isKept ? 'kept' : 'loaded anew' });
  // A page that was kept has its client.
  if (!isKept) await kept.open();
  expect((await kept.session()).signedIn).toBe(false);
  await kept.leave('signIn', { prompt: 'consent' });
  await choose(kept.page);
  await allow(kept.page);
  expect((await kept.comeBack('/kept/')).value).toMatchObject({ outcome: 'granted' });
});
