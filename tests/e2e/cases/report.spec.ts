// What an application is told of its scopes: which it could drop, and why one is there or not.
import { call, insufficient, popups, signedIn, test } from '../api.js';
import { expectFailure, type App } from '../app.js';
import { expect } from '../fixtures.js';

const report = async (app: App) => (await app.call('scopeReport')).value!;

async function explain(app: App, scope: string, selector?: object): Promise<string> {
  const { value, error } = await app.call('explainScope', scope, selector as never);
  expect(error).toBeUndefined();
  expect(value).not.toMatch(/code-\d|access-\d|refresh-\d|[\w-]{43}/);
  return value!;
}

test('the report says what is used, what is not, and what was never asked for', async ({ app, server }) => {
  await app.open({ scope: 'openid offline_access read:x write:x admin other' });
  expect(await report(app)).toEqual({ requested: [], granted: [], denied: [], used: [], unused: [], unrequested: [] });
  // Nobody is signed in: this counts for no session.
  await app.call('hasScope', 'write:x');
  server.answer = { scope: 'openid offline_access read:x write:x other', refresh_token: 'refresh-1' };
  await app.signIn();
  const ledger = { requested: ['openid', 'offline_access', 'read:x', 'write:x', 'admin', 'other'], granted: ['openid', 'offline_access', 'read:x', 'write:x', 'other'], denied: ['admin'] };
  expect(await report(app)).toEqual({ ...ledger, used: [], unused: ['read:x', 'write:x', 'other'], unrequested: [] });
  await app.call('hasScope', 'read:x');
  await app.call('hasScope', ['read:x', 'never:x']);
  await app.call('hasAnyScope', 'admin');
  await app.call('missingScopes', 'late:x');
  await app.call('scopeStatus', 'other');
  expect(await report(app)).toEqual({ ...ledger, used: ['read:x', 'never:x', 'admin', 'late:x'], unused: ['write:x', 'other'], unrequested: ['never:x', 'late:x'] });
  expectFailure(await app.call('getAccessToken', { scope: 'write:x more:x' }), 'missing_scope');
  expect(await report(app)).toMatchObject({ used: ['read:x', 'never:x', 'admin', 'late:x', 'write:x', 'more:x'], unused: ['other'], unrequested: ['never:x', 'late:x', 'more:x'] });
  // What was refused as no scope, or is another audience's, is not used.
  expectFailure(await app.call('hasScope', 'a"b'), 'invalid_scope_syntax');
  await app.call('hasScope', 'other', { audience: 'two' });
  expect((await report(app)).unused).toEqual(['other']);
});

test('calls of APIs count: what the caller names, what the API needs, and what it asked for', async ({ app, api, context }) => {
  popups(context, app);
  await signedIn(app, { [api.origin]: { scope: 'api:x' }, [`${api.origin}/two`]: { audience: 'two', scope: 'two:x' } }, { scope: 'openid read:x api:x', audience: 'one' });
  await call(app, api.origin, { scope: 'read:x' });
  await call(app, `${api.origin}/two`, { scope: 'read:two' });
  expect(await report(app)).toMatchObject({ used: ['api:x', 'read:x'], unused: [], unrequested: [] });
  api.answer = ({ headers }) => (headers.authorization === 'Bearer access-1' ? insufficient('write:x') : {});
  expect((await call(app, api.origin, { onMissing: 'popup' })).value?.status).toBe(200);
  expect(await report(app)).toMatchObject({ requested: ['openid', 'read:x', 'api:x', 'write:x'], used: ['api:x', 'read:x', 'write:x'], unused: [], unrequested: [] });
});

test('a session that ends takes its list along', async ({ app }) => {
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  await app.call('hasScope', 'read:x never:x');
  await app.call('signOut', { local: true });
  expect(await report(app)).toEqual({ requested: [], granted: [], denied: [], used: [], unused: [], unrequested: [] });
  await app.signIn();
  await app.call('hasScope', 'read:x never:x');
  expect((await report(app)).used).toEqual(['read:x', 'never:x']);
  await app.call('signOut', { local: true });
  await app.signIn();
  expect(await report(app)).toMatchObject({ granted: ['openid', 'read:x'], used: [], unused: ['read:x'], unrequested: [] });
});

test('a report is frozen, and holds no token', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x' });
  server.answer = { refresh_token: 'refresh-1' };
  await app.signIn();
  await app.call('hasScope', 'read:x');
  const [isFrozen, text] = await app.page.evaluate(() => {
    const report = kit.clients['main'].scopeReport();
    return [[report, ...Object.values(report)].every(Object.isFrozen), JSON.stringify(report)] as const;
  });
  expect(isFrozen).toBe(true);
  expect(text).not.toMatch(/access-\d|refresh-\d|[\w-]{43}/);
});

test('a scope is explained: granted, assumed, denied, refused, and never requested', async ({ app, server }) => {
  await app.open({ scope: 'openid profile read:x admin' });
  expect(await explain(app, 'read:x')).toMatch(/"read:x" was never requested.*Nobody is signed in/);
  server.answer = { scope: 'read:x', refresh_token: 'refresh-1' };
  await app.signIn();
  const answer = /At \d{4}-\d\d-\d\dT[\d:.]+Z the server was asked for "openid profile read:x admin" and granted "openid profile read:x"\./;
  for (const [scope, said] of [
    ['read:x', /^"read:x" is granted\./],
    ['profile', /^"profile" counts as granted: it was requested, and the server's answer could not show it/],
    ['admin', /^"admin" is denied: .*the user or the server said no.*Call upgrade/],
    ['write:x', /^"write:x" was never requested\. Call upgrade with it when a feature needs it\. /],
    ['Read:X', /^"Read:X" was never requested.*case-sensitive/],
  ] as const) {
    const words = await explain(app, scope);
    expect(words).toMatch(said);
    expect(words).toMatch(answer);
    expect(words).not.toContain('run out');
  }
  await app.upgrade('write:x', (url) => server.reply(url, { error: 'access_denied' }));
  expect(await explain(app, 'write:x')).toMatch(/^"write:x" is denied: .*the user or the server said no/);
  for (const scope of ['a b', '', 'a"b', 7, null]) expectFailure(await app.call('explainScope', scope as string), 'invalid_scope_syntax');
});

test('a scope is explained for its audience, and after its token has run out', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x', audience: 'https://api.example/a b' });
  server.answer = { expires_in: 2 };
  await app.signIn();
  expect(await explain(app, 'read:x')).toContain('"read:x" (audience=https://api.example/a b) is granted.');
  await expect.poll(() => explain(app, 'read:x')).toContain('The access token has run out');
  expect((await app.call('hasScope', 'read:x')).value).toBe(false);
  const other = await explain(app, 'read:x', { resource: ['urn:a', 'urn:b'] });
  expect(other).toContain('"read:x" (resource=urn:a&resource=urn:b) was never requested');
  expect(other).toContain('there is no grant');
});
