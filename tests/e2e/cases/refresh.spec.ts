// Another access token for the refresh token: once, whoever asks, and nothing lost when it fails.
import type { App } from '../app.js';
import { expectFailure } from '../app.js';
import { test } from '../api.js';
import { expect } from '../fixtures.js';
import { hold, setClock, stopClock } from '../renewing.js';
import { landsItself, stop } from '../windows.js';

/** A session whose access token lasts so many seconds, and can be renewed. */
async function signedIn(app: App, seconds = 1, more: Parameters<App['open']>[0] = {}): Promise<void> {
  app.server.refreshes = true;
  app.server.answer = { expires_in: seconds };
  await app.open({ scope: 'openid read:x offline_access', ...more });
  await app.signIn();
}

const refreshes = (app: App) => app.server.requests().filter(({ form }) => form.get('grant_type') === 'refresh_token');
const token = async (app: App, options = {}) => (await app.call('getAccessToken', options)).value;
/** Until a token that lasts a second has run out, and is not new any more. */
const pass = (app: App) => app.page.waitForTimeout(2_200);

test('C216 C162 many calls at once: one request, for the whole grant, and all get its token', async ({ app }) => {
  await signedIn(app);
  await pass(app);
  expect((await app.call('hasScope', 'read:x')).value).toBe(true);
  const tokens = await app.page.evaluate((name) => Promise.all(Array.from({ length: 20 }, () => kit.clients[name].getAccessToken())), app.name);
  expect(new Set(tokens)).toEqual(new Set(['access-2']));
  expect(refreshes(app)).toHaveLength(1);
  const { form } = refreshes(app)[0]!;
  expect(Object.fromEntries(form)).toEqual({ grant_type: 'refresh_token', client_id: 'app', refresh_token: 'refresh-1' });
  await pass(app);
  expect(await token(app)).toBe('access-3');
  expect(refreshes(app)[1]!.form.get('refresh_token')).toBe('refresh-2');
});

test('forceRefresh by several callers at once is one refresh; a later call is another', async ({ app }) => {
  await signedIn(app, 3600);
  expect(await token(app)).toBe('access-1');
  const tokens = await app.page.evaluate((name) => Promise.all([1, 2, 3].map(() => kit.clients[name].getAccessToken({ forceRefresh: true }))), app.name);
  expect(tokens).toEqual(['access-2', 'access-2', 'access-2']);
  expect(await token(app, { forceRefresh: true })).toBe('access-3');
  expect(await token(app)).toBe('access-3');
});

test('C080 a token that lasts a second is not renewed over and over', async ({ app }) => {
  await stopClock(app);
  await signedIn(app);
  for (let i = 0; i < 20; i += 1) await token(app, { minValidity: 3000 });
  expect(refreshes(app)).toHaveLength(0);
  // It has run out, and is not new any more.
  await setClock(app, 3);
  for (let i = 0; i < 20; i += 1) await token(app, { minValidity: 3000 });
  expect(refreshes(app)).toHaveLength(1);
});

test('C160 without a scope the grant is what it was; C082 with one it is what the server says', async ({ app, server }) => {
  server.answer = { scope: 'openid read:x', expires_in: 1, refresh_token: 'refresh-1' };
  server.refreshes = true;
  await app.open({ scope: 'openid read:x write:x offline_access' });
  await app.signIn();
  expect((await app.session()).granted).toEqual(['openid', 'read:x', 'offline_access']);
  server.answer = {};
  await token(app, { forceRefresh: true });
  expect(await app.session()).toMatchObject({ granted: ['openid', 'read:x', 'offline_access'], denied: ['write:x'] });
  await app.page.evaluate((name) => {
    (globalThis as any).heard = 0;
    kit.clients[name].subscribe(() => ((globalThis as any).heard += 1));
  }, app.name);
  server.answer = { scope: 'openid' };
  await token(app, { forceRefresh: true });
  expect(await app.session()).toMatchObject({ granted: ['openid', 'offline_access'], denied: ['read:x', 'write:x'] });
  expect((await app.call('hasScope', 'read:x')).value).toBe(false);
  expect(await app.page.evaluate(() => (globalThis as any).heard)).toBe(1);
});

test('C161 a refresh asks for what was granted, where the server wants to be told, and never for more', async ({ app, server }) => {
  await signedIn(app, 3600, { provider: { refreshScope: 'requested' }, scope: 'openid read:x write:x offline_access' });
  server.answer = {};
  await app.upgrade('admin:x', (url) => server.reply(url, { error: 'access_denied' }));
  await token(app, { forceRefresh: true, scope: 'read:x' });
  expect(refreshes(app).map(({ form }) => form.get('scope'))).toEqual(['openid read:x write:x offline_access']);
  expectFailure(await app.call('getAccessToken', { forceRefresh: true, scope: 'admin:x' }), 'missing_scope', { missing: ['admin:x'] });
  expect(refreshes(app)).toHaveLength(1);
});

for (const headers of [{}, { 'dpop-nonce': 'n' }] as Record<string, string>[]) {
  test(`C225 C096 invalid_grant ends the session, and says why (${Object.keys(headers)})`, async ({ app, server }) => {
    await signedIn(app, 3600);
    server.token = ({ json }) => json({ error: 'invalid_grant', error_description: 'gone' }, 400, headers);
    expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'invalid_grant', { description: 'gone' });
    expect((await app.session()).signedIn).toBe(false);
    expect(refreshes(app)).toHaveLength(1);
    expectFailure(await app.call('getAccessToken'), 'not_signed_in');
  });
}

test('C069 a server that fails: the session stays, the next try waits a little, and then goes on', async ({ app, server }) => {
  await stopClock(app);
  await signedIn(app);
  await setClock(app, 3);
  server.token = ({ send }) => send(503, 'text/html', 'down');
  expectFailure(await app.call('getAccessToken'), 'http', { status: 503, retryable: true });
  const again = await app.page.evaluate((name) => Promise.all(Array.from({ length: 5 }, () => kit.settle(() => kit.clients[name].getAccessToken()))), app.name);
  for (const answer of again) expectFailure(answer as never, 'http', { status: 503 });
  expect(refreshes(app)).toHaveLength(1);
  expect((await app.session()).signedIn).toBe(true);
  server.token = ({ json }) => json({ access_token: 'access-9', token_type: 'Bearer', expires_in: 3600 });
  // A little later.
  await setClock(app, 10);
  expect(await token(app)).toBe('access-9');
  expect(refreshes(app)).toHaveLength(2);
});

for (const [how, script] of Object.entries({
  'a lost answer': ({ response }: any) => response.writeHead(200, { 'content-type': 'application/json' }).write('{', () => response.destroy()),
  'a gateway’s page': ({ send }: any) => send(200, 'text/html', '<h1>hello</h1>'),
})) {
  test(`I3 after ${how} the refresh token is not sent again by this page, and once by a later one`, async ({ app, server }) => {
    await signedIn(app);
    await pass(app);
    server.token = script;
    const { error } = await app.call('getAccessToken');
    expect(['token_response_lost', 'token_response_invalid']).toContain(error?.code);
    expectFailure(await app.call('getAccessToken'), 'token_response_lost');
    expect(refreshes(app)).toHaveLength(1);
    expect((await app.session()).signedIn).toBe(true);
    await app.goto();
    await app.open({ scope: 'openid read:x offline_access' });
    await app.call('getAccessToken');
    expect(refreshes(app)).toHaveLength(2);
    await app.goto();
    await app.open({ scope: 'openid read:x offline_access' });
    expectFailure(await app.call('getAccessToken'), 'token_response_lost');
    expect(refreshes(app)).toHaveLength(2);
  });
}

test('C234 who gives up does not stop the others', async ({ app }) => {
  await signedIn(app, 3600);
  const release = hold(app);
  const calls = app.page.evaluate(async (name) => {
    const stop = ((globalThis as any).stop = new AbortController());
    const { getAccessToken } = kit.clients[name];
    const calls = [kit.settle(() => getAccessToken({ forceRefresh: true, signal: stop.signal })), kit.settle(() => getAccessToken({ forceRefresh: true }))];
    // The other one does not get its token before the test has seen this.
    (globalThis as any).first = calls[0];
    return Promise.all(calls);
  }, app.name);
  await expect.poll(() => refreshes(app).length).toBe(1);
  await stop(app);
  await app.page.evaluate(() => (globalThis as any).first);
  release();
  const said = await calls;
  expect(said[0]!.error?.code).toBe('aborted');
  expect(said[1]!.value).toBe('access-2');
});

test('C232 a sign-out while a refresh is under way: its answer is dropped, and its token given up', async ({ app, server }) => {
  await signedIn(app, 3600);
  const release = hold(app);
  const refreshing = app.call('getAccessToken', { forceRefresh: true });
  await expect.poll(() => refreshes(app).length).toBe(1);
  await app.call('signOut', { local: true });
  release();
  expectFailure(await refreshing, 'not_signed_in');
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.sessionText()).toBeUndefined();
  await expect.poll(() => server.requests('/revoke').map(({ form }) => form.get('token'))).toEqual(['refresh-2']);
});

for (const [claims, code, reason] of [[{ sub: 'grace' }, 'subject_mismatch', undefined], [{ iss: 'https://evil.example' }, 'id_token_invalid', 'iss'], [{ aud: 'other' }, 'id_token_invalid', 'aud'], [{ azp: 'other' }, 'id_token_invalid', 'azp'], [{ auth_time: 1 }, 'id_token_invalid', 'auth_time'], [{ nonce: 'other' }, 'id_token_invalid', 'nonce']] as const) {
  test(`C168 an ID token that does not fit the one before (${Object.keys(claims)}): nothing is stored`, async ({ app, server }) => {
    server.claims = { auth_time: 2 };
    await signedIn(app, 3600);
    server.claims = { auth_time: 2, ...claims };
    const { error } = await app.call('getAccessToken', { forceRefresh: true });
    expect(error).toMatchObject({ code, ...(reason && { reason }) });
    expect(await app.session()).toMatchObject({ signedIn: true, claims: { sub: 'ada' } });
    expect(await token(app)).toBe('access-1');
  });
}

test('C078 the end of a grant that cannot be renewed is told, once', async ({ app, server }) => {
  server.answer = { expires_in: 1 };
  await app.open();
  await app.page.evaluate(() => {
    const heard: unknown[] = ((globalThis as any).heard = []);
    const client = kit.clients['main'];
    client.subscribe(() => heard.push([client.session.expired, client.hasScope('openid'), client.session.signedIn]));
  });
  await app.signIn();
  const heard = () => app.page.evaluate(() => (globalThis as any).heard);
  await expect.poll(heard).toEqual([[false, true, true], [true, false, true]]);
  expectFailure(await app.call('getAccessToken'), 'login_required');
  expect(await heard()).toHaveLength(2);
});

test('C144 userInfo is the session’s user’s', async ({ app, server }) => {
  await signedIn(app, 3600);
  expect((await app.call('userInfo')).value).toEqual({ sub: 'ada', email: 'ada@id.example' });
  expect(server.requests('/userinfo')[0]!.headers.authorization).toBe('Bearer access-1');
  server.userInfo = ({ json }) => json({ sub: 'grace' });
  expectFailure(await app.call('userInfo'), 'subject_mismatch');
  server.userInfo = ({ json }) => json({ error: 'invalid_token' }, 401);
  expectFailure(await app.call('userInfo'), 'invalid_token', { status: 401 });
  expect((await app.session()).signedIn).toBe(true);
});

test('I3 a refresh token that was lost: the server is asked silently, once for all, and the session goes on', async ({ app, server, context }) => {
  await landsItself(context, app);
  await app.goto();
  await signedIn(app);
  await pass(app);
  const { token: answer } = server;
  server.token = ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).write('{', () => response.destroy()) as never;
  expectFailure(await app.call('getAccessToken'), 'token_response_lost');
  server.token = answer;
  const asks = server.asks.length;
  const tokens = await app.page.evaluate((name) => Promise.all(Array.from({ length: 5 }, () => kit.clients[name].getAccessToken())), app.name);
  expect(new Set(tokens).size).toBe(1);
  expect(server.asks.length - asks).toBe(1);
  expect(new URL(server.asks.at(-1)!).searchParams.get('prompt')).toBe('none');
  expect(refreshes(app)).toHaveLength(1);
  expect(await app.session()).toMatchObject({ signedIn: true, granted: ['openid', 'read:x', 'offline_access'] });
  // Nobody there any more: that is what is said, and the session stays.
  server.token = ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).write('{', () => response.destroy()) as never;
  await pass(app);
  await app.call('getAccessToken');
  server.authorize = (url) => server.reply(url, { error: 'login_required' });
  expectFailure(await app.call('getAccessToken'), 'login_required');
  expect((await app.session()).signedIn).toBe(true);
});

test('I3 another client on the same page does not send it either', async ({ app, server }) => {
  await signedIn(app);
  await pass(app);
  server.token = ({ response }) => response.writeHead(200, { 'content-type': 'application/json' }).write('{', () => response.destroy()) as never;
  expectFailure(await app.call('getAccessToken'), 'token_response_lost');
  const other = await app.as('other').open({ scope: 'openid read:x offline_access', timeout: 2000 });
  expectFailure(await other.call('getAccessToken'), 'token_response_lost');
  expect(refreshes(app)).toHaveLength(1);
});

test('C166 a refresh that brings another user has used its token: it is not sent again', async ({ app, server }) => {
  await signedIn(app, 3600, { timeout: 2000 });
  server.claims = { sub: 'grace' };
  expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'subject_mismatch');
  expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'token_response_lost');
  expect(refreshes(app)).toHaveLength(1);
  expect(await app.session()).toMatchObject({ signedIn: true, claims: { sub: 'ada' } });
});

test('offline, signing out is done here and nobody leaves', async ({ app, server, context }) => {
  server.metadata['end_session_endpoint'] = `${server.issuer}/logout`;
  await signedIn(app, 3600);
  await context.setOffline(true);
  expect(await app.call('signOut', { returnTo: '/bye' })).toEqual({});
  await app.page.waitForTimeout(300);
  expect(app.page.url()).toBe(`${app.origin}/app/`);
  expect((await app.session()).signedIn).toBe(false);
  await context.setOffline(false);
});
