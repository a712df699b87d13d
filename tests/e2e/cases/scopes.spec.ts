// What is granted, on whose word, and for how long.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';

test('C148 nothing is granted once the token has run out, or nobody is signed in', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x' });
  expect((await app.call('hasScope', 'read:x')).value).toBe(false);
  server.answer = { expires_in: 4 };
  await app.signIn();
  expect((await app.call('hasScope', 'read:x')).value).toBe(true);
  await expect.poll(async () => (await app.call('hasScope', 'read:x')).value).toBe(false);
  expectFailure(await app.call('getAccessToken', { minValidity: 0 }), 'login_required');
  expect((await app.session()).signedIn).toBe(true);

  server.answer = {};
  await app.signIn();
  expect((await app.call('hasScope', 'read:x')).value).toBe(true);
  await app.call('signOut', { local: true });
  expect((await app.call('hasScope', 'read:x')).value).toBe(false);
  expectFailure(await app.call('getAccessToken'), 'not_signed_in');
});

test('C152 OpenID Connect scopes that the answer does not list are judged by evidence', async ({ app, server }) => {
  await app.open({ scope: 'openid profile offline_access read:x' });
  server.answer = { scope: 'read:x', refresh_token: 'refresh-1' };
  expect(await app.signIn()).toMatchObject({ outcome: 'granted', missing: [] });
  expect((await app.call('missingScopes', 'openid profile offline_access read:x')).value).toEqual([]);
  for (const [scope, status] of [['openid', 'assumed'], ['profile', 'assumed'], ['offline_access', 'assumed'], ['read:x', 'granted'], ['other', 'not-requested']] as const) {
    expect([scope, (await app.call('scopeStatus', scope)).value]).toEqual([scope, status]);
  }
  expect((await app.call('upgrade', 'openid profile offline_access')).value).toMatchObject({ kind: 'upgrade', outcome: 'granted' });
  expect(app.page.url()).toBe(`${app.origin}/app/`);

  server.answer = { scope: 'read:x' };
  expect(await app.signIn()).toMatchObject({ outcome: 'partial', missing: ['offline_access'] });
});

test('C154 characters that a scope may not have are refused before anything happens', async ({ app }) => {
  await app.open();
  for (const scope of ['a"b', 'a\\b', 'a\u0007b', 'größe', ['a b'], [''], 'a\tb', 'a\nb']) {
    expectFailure(await app.call('signIn', { scope: scope as string }), 'invalid_scope_syntax');
    expectFailure(await app.call('authorizeUrl', { scope: scope as string }), 'invalid_scope_syntax');
    expectFailure(await app.call('hasScope', scope), 'invalid_scope_syntax');
  }
  expectFailure(await app.tryOpen({ scope: 'a"b' }), 'invalid_scope_syntax');
  for (const scope of ['', ' ', [], null, 7, {}, [7]]) {
    expectFailure(await app.call('hasScope', scope as never), 'invalid_scope_syntax');
    expectFailure(await app.call('missingScopes', scope as never), 'invalid_scope_syntax');
  }
  expect(await app.records()).toEqual({});
  expect(app.page.url()).toBe(`${app.origin}/app/`);
});

test('a scope is one word, several in a text, or an array', async ({ app, server }) => {
  await app.open({ scope: ['openid', 'read:x', 'Read'] });
  server.answer = { scope: 'openid read:x write:x' };
  await app.signIn();
  const has = async (scope: string | string[]) => (await app.call('hasScope', scope)).value;
  const hasAny = async (scope: string | string[]) => (await app.call('hasAnyScope', scope)).value;
  expect(await has('read:x')).toBe(true);
  expect(await has('read:x write:x')).toBe(true);
  expect(await has(['write:x', 'read:x'])).toBe(true);
  expect(await has('read:x admin')).toBe(false);
  expect(await has(['read:x', 'admin'])).toBe(false);
  expect(await hasAny('admin read:x')).toBe(true);
  expect(await hasAny(['admin', 'read:x'])).toBe(true);
  expect(await hasAny(['admin', 'other'])).toBe(false);
  expect(await has('read')).toBe(false);
  expect(await has('READ:X')).toBe(false);
  expect(await has('Read')).toBe(false);
  expect((await app.call('missingScopes', ['z', 'read:x', 'a'])).value).toEqual(['z', 'a']);
  expect(await app.session()).toMatchObject({ granted: ['openid', 'read:x', 'write:x'], denied: ['Read'] });
});

test('an audience has a grant of its own', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x', audience: 'https://api.example' });
  await app.signIn();
  expect((await app.call('hasScope', 'read:x')).value).toBe(true);
  expect((await app.call('hasScope', 'read:x', { audience: 'https://api.example' })).value).toBe(true);
  expect((await app.call('hasScope', 'read:x', { audience: 'https://other.example' })).value).toBe(false);
  const url = await app.ask('upgrade', 'read:x', { audience: 'https://other.example' });
  expect(new URL(url).searchParams.get('audience')).toBe('https://other.example');
  server.answer = { scope: 'openid read:x' };
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'granted' });
  expect((await app.call('hasScope', 'read:x', { audience: 'https://other.example' })).value).toBe(true);
  const [one, two] = [await app.call('getAccessToken'), await app.call('getAccessToken', { audience: 'https://other.example' })];
  expect([one.value, two.value]).toEqual(['access-1', 'access-2']);
});
