// Signing out: tokens are given up, the server is told, and nothing comes back.
import { type App, expectFailure } from '../app.js';
import { test } from '../api.js';
import { expect } from '../fixtures.js';
import { hold, pass, refreshes, renewable, tab, token } from '../renewing.js';
import { noteTimers, timers } from '../timers.js';

const revoked = (app: App) => app.server.requests('/revoke').map(({ form }) => form.get('token'));

/** Metadata with an end-session endpoint, which answers as the authorization endpoint does. */
const ending = ({ server }: App) => ({ metadata: { ...server.metadata, end_session_endpoint: `${server.issuer}/authorize` } as never });

test('signing out gives up the refresh tokens, or the access tokens where there are none', async ({ app, server }) => {
  await renewable(app, 3600);
  await token(app, { forceRefresh: true });
  await app.handle(server.approve(await app.ask('upgrade', 'pay', { audience: 'urn:pay' })));
  expect(await app.call('signOut')).toEqual({});
  expect(revoked(app).sort()).toEqual(['refresh-2', 'refresh-3']);
  expect(server.requests('/revoke').map(({ form }) => form.get('client_id'))).toEqual(['app', 'app']);
  server.refreshes = false;
  await app.signIn();
  expect(await app.call('signOut')).toEqual({});
  expect(revoked(app).at(-1)).toBe('access-4');
  await app.signIn();
  expect(await app.call('signOut', { local: true })).toEqual({});
  expect(revoked(app)).toHaveLength(3);
});

for (const [how, script] of Object.entries({
  'never answers': () => {},
  'fails': ({ send }: any) => send(503, 'text/html', 'down'),
  'breaks off': ({ response }: any) => response.destroy(),
  'says no': ({ json }: any) => json({ error: 'unsupported_token_type' }, 400),
})) {
  test(`C280 a revocation endpoint that ${how} holds nobody up`, async ({ app, server }) => {
    await renewable(app, 3600, { ...ending(app), timeout: 3000 });
    for (const audience of ['urn:a', 'urn:b']) await app.handle(server.approve(await app.ask('upgrade', 'x', { audience })));
    server.revocation = script;
    const asked = server.asked();
    await app.page.evaluate(noteTimers);
    const signingOut = app.call('signOut', { returnTo: '/bye' });
    await expect.poll(async () => (await app.session()).signedIn).toBe(false);
    expect(await app.sessionText()).toBeUndefined();
    expect(await signingOut).toEqual({});
    // All of them have the time of one request.
    expect((await timers(app)).set.filter((ms) => ms === 3000 / 3)).toHaveLength(3);
    expect(new URL(await asked).searchParams.get('post_logout_redirect_uri')).toBe(`${app.origin}/bye`);
    // Browsers send what broke off once more.
    expect([...new Set(revoked(app))].sort()).toEqual(['refresh-1', 'refresh-2', 'refresh-3']);
  });
}

test('C284 a guard that signs in whoever is signed out does not keep the page from the end-session endpoint', async ({ app, server }) => {
  await renewable(app, 3600, ending(app));
  await app.page.evaluate(() => {
    const client = kit.clients['main']!;
    client.subscribe(() => void (client.session.signedIn || client.signIn()));
  });
  // The sign-out waits for this one, and the server for the page.
  server.revocation = ({ json }) => void setTimeout(json, 500, {});
  server.authorize = () => `${app.origin}/cb`;
  expect(await app.call('signOut', { returnTo: '/bye' })).toEqual({});
  await app.page.waitForURL('**/cb');
  const asked = server.asks.map((url) => new URL(url).searchParams);
  expect(asked.map((params) => [params.has('id_token_hint'), params.get('response_type')])).toEqual([[true, null]]);
  expect(revoked(app)).toEqual(['refresh-1']);
});

test('C280 without a server that can be reached a sign-out is local', async ({ app, server }) => {
  server.discovery = ({ send }) => send(503, 'text/html', 'down');
  await app.open({ metadata: undefined, issuer: server.issuer });
  server.discovery = ({ json }) => json(server.metadata);
  await app.call('prepare');
  await app.signIn();
  await app.goto();
  server.discovery = ({ response }) => void response.destroy();
  await app.open({ metadata: undefined, issuer: server.issuer });
  expect((await app.session()).signedIn).toBe(true);
  expect(await app.call('signOut')).toEqual({});
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.sessionText()).toBeUndefined();
});

for (const storage of ['session', 'local', 'indexeddb', 'memory'] as const) {
  test(`C284 a sign-in or an upgrade that was on its way when the user signed out comes back to nobody (${storage})`, async ({ app, server }) => {
    await app.open({ storage });
    await app.signIn();
    const { url } = await app.start();
    const upgrade = await app.ask('upgrade', 'write:x');
    await app.call('signOut', { local: true });
    for (const asked of [url, upgrade]) expectFailure(await app.handle(server.approve(asked)), 'transaction_missing');
    expect((await app.session()).signedIn).toBe(false);
    expect(server.requests()).toHaveLength(1);
    // What begins afterwards is a sign-in like any other.
    expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
  });

  test(`C284 a code that is being traded when the user signs out makes no session (${storage})`, async ({ app, server }) => {
    await app.open({ storage });
    server.refreshes = true;
    const { url } = await app.start();
    const release = hold(app);
    const handling = app.handle(server.approve(url));
    await expect.poll(() => server.requests().length).toBe(1);
    await app.call('signOut', { local: true });
    release();
    expectFailure(await handling, 'transaction_missing');
    expect((await app.session()).signedIn).toBe(false);
    await expect.poll(() => revoked(app)).toEqual(['refresh-1']);
    await app.goto();
    await app.open({ storage });
    expect((await app.session()).signedIn).toBe(false);
  });
}

test('C281 a sign-out that waits for its turn: no refresh begins behind it', async ({ app, server }) => {
  const more = { storage: 'local' } as const;
  await renewable(app, 1, more);
  const other = await tab(app, more);
  await pass(app);
  server.revocation = ({ send }) => void setTimeout(() => send(200, undefined, ''), 1000);
  const signingOut = app.call('signOut');
  await expect.poll(() => revoked(app).length).toBe(1);
  expectFailure(await other.call('getAccessToken'), 'not_signed_in');
  await signingOut;
  expect(refreshes(app)).toHaveLength(0);
});

test('C282 a page that comes back from the back/forward cache reads the session again', async ({ app, context }) => {
  // As frozen pages do, it hears nothing while it is away.
  await context.addInitScript(() => {
    delete (globalThis as any).BroadcastChannel;
    addEventListener('storage', (event) => event.stopImmediatePropagation());
  });
  await app.goto();
  await app.open({ storage: 'local' });
  await app.signIn();
  const other = await tab(app, { storage: 'local' });
  await app.call('signOut', { local: true });
  const show = (persisted: boolean) => other.page.evaluate((persisted) => void dispatchEvent(new PageTransitionEvent('pageshow', { persisted })), persisted);
  await show(false);
  await other.page.waitForTimeout(300);
  expect((await other.session()).signedIn).toBe(true);
  await show(true);
  await expect.poll(async () => (await other.session()).signedIn).toBe(false);
  expectFailure(await other.call('getAccessToken'), 'not_signed_in');
});

test('C282 the back button after a sign-out shows nobody signed in', async ({ app }) => {
  await app.open();
  await app.signIn();
  await app.goto('/elsewhere/');
  await app.open();
  await app.call('signOut', { local: true });
  await app.page.goBack();
  await app.page.waitForFunction(() => 'kit' in globalThis);
  if (!(await app.page.evaluate((name) => name in kit.clients, app.name))) await app.open();
  expect((await app.session()).signedIn).toBe(false);
  expectFailure(await app.call('getAccessToken'), 'not_signed_in');
});

test('C285 there is no session management: no frame of the server watches, and no message signs anybody out', async ({ app, server }) => {
  const metadata = { ...server.metadata, check_session_iframe: `${server.issuer}/check-session` };
  await app.open({ metadata: metadata as never });
  await app.signIn();
  await app.page.evaluate(async () => {
    for (const message of ['changed', 'unchanged', 'error']) postMessage(message, '*');
    await new Promise((done) => setTimeout(done));
  });
  expect(await app.page.evaluate(() => document.querySelectorAll('iframe').length)).toBe(0);
  expect(server.requests('/check-session')).toEqual([]);
  expect(server.asks).toEqual([]);
  expect((await app.session()).signedIn).toBe(true);
  expect((await app.call('getAccessToken')).value).toBe('access-1');
});
