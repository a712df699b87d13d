// What a test does with the client for tests, and what it tells it.
import { expect, test, vi } from 'vitest';
import { AuthError } from 'scopewise';
import { createFakeServer, createMockClient } from 'scopewise/testing';

const popup = { mode: 'popup' } as const;

test('nobody is signed in, and somebody is', () => {
  expect(createMockClient().session.signedIn).toBe(false);
  expect(createMockClient({ user: 'ada' }).session).toMatchObject({ signedIn: true, claims: { sub: 'ada' }, requested: ['openid'], granted: ['openid'] });
  expect(createMockClient({ user: { sub: 'ada', name: 'Ada' }, signedIn: false }).session.claims).toBeNull();
  expect(createMockClient({ signedIn: true, scope: 'openid read:x' }).session).toMatchObject({ claims: { sub: 'user' }, granted: ['openid', 'read:x'] });
  expect(createMockClient({ user: 'ada', granted: 'read:x', requested: 'read:x write:x' }).session).toMatchObject({ claims: { sub: 'ada' }, denied: ['write:x'] });
  expect(createMockClient({ user: 'ada', granted: 'openid profile', assumed: 'profile' }).scopeStatus('profile')).toBe('assumed');
  expect(createMockClient({ user: 'ada', expiresIn: null }).session.expiresAt).toBeNull();
});

test('its calls are noted with what they were given', async () => {
  const mock = createMockClient({ user: 'ada' });
  mock.hasScope('read:x');
  await mock.upgrade('read:x', popup);
  await mock.getAccessToken();
  await mock.signOut({ local: true });
  expect(mock.calls).toEqual([{ method: 'upgrade', args: ['read:x', popup] }, { method: 'getAccessToken', args: [] }, { method: 'signOut', args: [{ local: true }] }]);
});

test('scopes come and go, and subscribers are told', async () => {
  const mock = createMockClient<string>({ user: 'ada', granted: 'openid' });
  const listener = vi.fn();
  mock.subscribe(listener);
  mock.grant('read:x write:x');
  expect(mock.hasScope('read:x write:x')).toBe(true);
  expect(listener).not.toHaveBeenCalled();
  await Promise.resolve();
  expect(listener).toHaveBeenCalledTimes(1);
  mock.revoke('write:x');
  expect(mock.session).toMatchObject({ granted: ['openid', 'read:x'], denied: ['write:x'] });
  mock.grant('pay', { audience: 'https://pay.example' });
  expect(mock.hasScope('pay', { audience: 'https://pay.example' })).toBe(true);
  expect(() => createMockClient().grant('read:x')).toThrow(/signInAs/);
});

test('the session ends for good, and another user comes', async () => {
  const mock = createMockClient({ user: 'ada', granted: 'openid offline_access', scope: 'openid read:x' });
  const token = await mock.getAccessToken();
  mock.expire();
  expect(mock.session).toMatchObject({ signedIn: true, expired: true });
  await expect(mock.getAccessToken()).rejects.toMatchObject({ code: 'login_required' });
  mock.signInAs({ sub: 'grace', name: 'Grace' });
  expect(mock.session).toMatchObject({ expired: false, claims: { name: 'Grace' }, granted: ['openid', 'read:x'] });
  expect(await mock.getAccessToken()).not.toBe(token);
});

test('a refresh that fails', async () => {
  const mock = createMockClient({ user: 'ada', granted: 'openid offline_access' });
  mock.onRefresh = { error: 'network' };
  await expect(mock.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'network', retryable: true });
  expect(mock.session.signedIn).toBe(true);
  mock.onRefresh = { error: 'invalid_grant' };
  await expect(mock.getAccessToken({ forceRefresh: true })).rejects.toMatchObject({ code: 'invalid_grant' });
  expect(mock.session.signedIn).toBe(false);
});

test('a page that is left never comes back to the call; the next callback has the answer', async () => {
  const mock = createMockClient<string>({ user: 'ada', granted: 'openid', onUpgrade: 'deny', redirectUri: '/cb' });
  expect(mock.left).toBeNull();
  const settled = vi.fn();
  mock.upgrade('write:x', { returnTo: '/calendar', appState: { draft: 1 } }).then(settled, settled);
  await Promise.resolve();
  expect(new URL(mock.left!).searchParams.get('scope')).toBe('openid write:x');
  const outcome = await mock.handleCallback();
  expect(outcome).toMatchObject({ kind: 'upgrade', outcome: 'denied', missing: ['write:x'], returnTo: '/calendar', appState: { draft: 1 } });
  expect(await mock.handleCallback()).toBeNull();
  void mock.upgrade('write:x');
  expect(await mock.handleCallback(mock.answer(undefined, 'grant'))).toMatchObject({ outcome: 'granted' });
  expect(settled).not.toHaveBeenCalled();
});

test.runIf(typeof location !== 'undefined')('an answer in the address bar is handled, and taken out', async () => {
  const mock = createMockClient({ redirectUri: '/cb' });
  history.replaceState(null, '', new URL(`${mock.answer(mock.authorizeUrl({ returnTo: '/inbox' }).url)}&own=1`).href);
  expect(await mock.handleCallback()).toMatchObject({ kind: 'sign-in', returnTo: '/inbox' });
  expect(location.pathname + location.search).toBe('/cb?own=1');
});

test('answers by the request, while the popup is open', async () => {
  let answer!: (says: 'grant') => void;
  const onUpgrade = vi.fn((_request: object) => new Promise<'grant'>((resolve) => (answer = resolve)));
  const mock = createMockClient<string>({ user: 'ada', onUpgrade });
  const upgrading = mock.upgrade('write:x', { ...popup, loginHint: 'ada' });
  await vi.waitFor(() => expect(onUpgrade).toHaveBeenCalledWith({ kind: 'upgrade', mode: 'popup', requested: ['openid', 'write:x'], missing: ['write:x'], options: { ...popup, loginHint: 'ada' } }));
  expect(mock.hasScope('write:x')).toBe(false);
  answer('grant');
  expect((await upgrading).outcome).toBe('granted');

  const stop = new AbortController();
  const given = mock.upgrade('more', { ...popup, signal: stop.signal });
  const closed = mock.upgrade('much more', popup);
  stop.abort();
  await expect(given).rejects.toMatchObject({ code: 'aborted' });
  mock.close();
  await expect(closed).rejects.toMatchObject({ code: 'aborted' });
  expect(mock.hasScope).toBeTypeOf('function');
  expect(mock.session.granted).toEqual(['openid', 'write:x']);
});

test('a popup’s answer outside of a popup is a mistake of the test', async () => {
  const mock = createMockClient({ user: 'ada', onUpgrade: 'popup-closed' });
  await expect(mock.upgrade('write:x', { mode: 'silent' })).rejects.toThrow(/not in a popup/);
});

test('without `respond` calls go where the environment’s fetch does', async () => {
  const fetch = vi.spyOn(globalThis, 'fetch').mockImplementation(async () => ({ status: 204, headers: new Map() }) as never);
  const mock = createMockClient({ user: 'ada', apis: { 'https://api.test/': {} } });
  expect((await mock.fetch('https://api.test/x', { method: 'DELETE', cache: 'no-store' })).status).toBe(204);
  const [url, init] = fetch.mock.calls[0]!;
  expect(url).toBe('https://api.test/x');
  expect(init).toMatchObject({ method: 'DELETE', cache: 'no-store', headers: { authorization: `Bearer ${await mock.getAccessToken()}` } });
  fetch.mockRestore();
});

test('a Request goes with its method, headers and body', async () => {
  const respond = vi.fn((_call: object) => ({ status: 200, headers: new Map() }) as never);
  const mock = createMockClient({ user: 'ada', apis: { 'https://api.test/': {} }, respond });
  await mock.fetch(new Request('https://api.test/x', { method: 'PUT', headers: { 'X-Own': 'yes' }, body: 'text' }));
  const token = await mock.getAccessToken();
  expect(respond).toHaveBeenCalledWith({ url: 'https://api.test/x', method: 'PUT', headers: expect.objectContaining({ 'x-own': 'yes', authorization: `Bearer ${token}` }), body: 'text', token });
});

test('what an API supports is what the test says', async () => {
  const mock = createMockClient<string>({ user: 'ada', granted: 'openid read:x', supported: { 'https://api.test/v1': 'read:x write:x' } });
  expect(await mock.apiScopes('https://api.test/v1/things')).toEqual({ resource: 'https://api.test/v1', supported: ['read:x', 'write:x'], granted: ['read:x'], missing: ['write:x'] });
  await expect(mock.apiScopes('https://other.test/')).rejects.toMatchObject({ code: 'metadata_invalid' });
});

test('its methods can be replaced, and its errors are those of the package', async () => {
  const mock = createMockClient({ user: 'ada' });
  vi.spyOn(mock, 'hasScope').mockReturnValue(true);
  expect(mock.hasScope('anything')).toBe(true);
  const error = await mock.getAccessToken({ scope: 'x' }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(AuthError);
});

test('the end is seen where a clock was put in place afterwards', async () => {
  const mock = createMockClient({ user: 'ada', expiresIn: 60 });
  vi.useFakeTimers();
  vi.setSystemTime(Date.now() + 61_000);
  const listener = vi.fn();
  mock.subscribe(listener);
  expect(mock.session.expired).toBe(true);
  await Promise.resolve();
  expect(listener).toHaveBeenCalledTimes(1);
  vi.useRealTimers();
});

test('an answer that is none is an error of the test, and no yes', async () => {
  const mock = createMockClient({ user: 'ada', onUpgrade: 'denied' as never });
  await expect(mock.upgrade('write:x', { mode: 'popup' })).rejects.toThrow(/"denied".*deny/);
  expect(mock.hasScope('write:x')).toBe(false);
});

test('whatever fetch is given is read as the platform reads it', async () => {
  const mock = createMockClient({ user: 'ada', respond: ({ url }) => new Response(url) });
  for (const input of [null, undefined, 7]) expect(await (await mock.fetch(input as never)).text()).toMatch(new RegExp(`^http.*/${input}$`));
});

test('an option that is misspelled is named, as by createClient', () => {
  const told = (options: object) => () => createMockClient(options);
  expect(told({ onUpgrad: 'deny' })).toThrow(/createMockClient has no option "onUpgrad"/);
  expect(told({ apis: { 'https://api.test/': { scop: 'read:x' } } })).toThrow(/apis has no option "scop"/);
  expect(told(null as never)).toThrow(AuthError);
  expect(() => createFakeServer({ scope: 'openid' } as object)).toThrow(/createFakeServer has no option "scope"/);
  // Those of the application, as they are; a `fetch` of its own among them.
  const { session } = createMockClient({ ...{ issuer: 'https://id.test', clientId: 'app', storage: 'worker', fetch: globalThis.fetch }, signedIn: undefined, user: 'ada' } as object);
  expect(session.signedIn).toBe(true);
});

test('an error that an application makes says what it was given', () => {
  const cause = new Error('why');
  const error = new AuthError('not today', { cause });
  expect(error).toMatchObject({ name: 'AuthError', message: 'not today', code: '', retryable: false, cause });
  expect(Object.keys(error)).toEqual(['name', 'code', 'retryable']);
  expect(new AuthError().message).toBe('');
});
