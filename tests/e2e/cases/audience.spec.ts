// Tokens for several audiences and resources: each has a ledger of its own, and what names it may have any character.
import { expectFailure, type App } from '../app.js';
import { expect, test } from '../fixtures.js';
import { grantText } from '../records.js';

interface Selector {
  audience?: string;
  resource?: string;
}

/** Gets scopes for an audience or resource, without leaving the page. */
async function get(app: App, scope: string, selector: object = {}) {
  const { value, error } = await app.handle(app.server.approve(await app.ask('upgrade', scope, selector)));
  expect(error).toBeUndefined();
  return value!;
}

const token = async (app: App, options: object) => (await app.call('getAccessToken', options)).value;
const has = async (app: App, scope: string, selector?: object) => (await app.call('hasScope', scope, selector as never)).value;
const query = (url: string) => [...new URL(url).searchParams].filter(([name]) => ['audience', 'resource', 'scope'].includes(name));

/** Characters that separate something somewhere, and pairs that are the same to whoever joins them carelessly. */
const AWKWARD: Selector[] = [
  { audience: 'a::b' }, { audience: 'a:', resource: 'b' }, { audience: 'a|read:x' }, { audience: 'a' }, { audience: 'a&resource=b' }, { audience: 'a', resource: 'b' },
  { audience: 'a=b' }, { audience: 'audience=a' }, { audience: 'a b' }, { audience: 'a+b' }, { audience: 'a%20b' }, { audience: '__proto__' }, { resource: '__proto__' },
  { audience: 'ä😀' }, { resource: 'urn:x?y#z' }, { audience: '"\\\n\t' }, { audience: 'A' }, { audience: ' a' }, { audience: 'a\x1eb' },
];

test('C157 one ledger and one token for each audience and resource, and nothing bleeds', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x', audience: 'one' });
  await app.signIn();
  expect(await get(app, 'read:x write:two', { audience: 'two' })).toMatchObject({ outcome: 'granted', granted: ['openid', 'read:x', 'write:two'] });
  server.answer = { scope: 'read:urn' };
  expect(await get(app, 'read:x read:urn', { resource: 'one' })).toMatchObject({ outcome: 'partial', missing: ['read:x'] });
  server.answer = {};
  await get(app, 'all:x', { audience: 'two', resource: 'one' });
  expect(server.requests().map(({ form }) => form.getAll('resource'))).toEqual([[], [], ['one'], ['one']]);

  for (const [selector, held, missing, tokens] of [
    [undefined, ['read:x'], ['write:two', 'read:urn', 'all:x'], 'access-1'],
    [{}, ['read:x'], ['write:two', 'read:urn', 'all:x'], 'access-1'],
    [{ audience: 'one' }, ['read:x'], ['write:two', 'read:urn', 'all:x'], 'access-1'],
    [{ audience: 'two' }, ['read:x', 'write:two'], ['read:urn', 'all:x'], 'access-2'],
    [{ resource: 'one' }, ['read:urn'], ['read:x', 'write:two', 'all:x'], 'access-3'],
    [{ audience: 'two', resource: 'one' }, ['all:x'], ['read:x', 'write:two', 'read:urn'], 'access-4'],
  ] as const) {
    expect((await app.call('missingScopes', 'read:x write:two read:urn all:x', selector)).value).toEqual(missing);
    for (const scope of held) expect([scope, await has(app, scope, selector)]).toEqual([scope, true]);
    for (const scope of missing) expect([scope, await has(app, scope, selector)]).toEqual([scope, false]);
    expect((await app.call('hasAnyScope', ['nothing', ...held], selector)).value).toBe(true);
    expect((await app.call('hasAnyScope', [...missing], selector)).value).toBe(false);
    expect(await token(app, { ...selector, scope: held })).toBe(tokens);
  }
  for (const selector of [{ audience: 'On' }, { audience: 'tw' }, { resource: 'two' }, { audience: 'one', resource: 'one' }]) {
    expect(await has(app, 'read:x', selector)).toBe(false);
    expect((await app.call('scopeStatus', 'read:x', selector)).value).toBe('not-requested');
    expectFailure(await app.call('getAccessToken', selector), 'missing_scope');
  }
  const status = async (scope: string, selector: object) => (await app.call('scopeStatus', scope, selector as never)).value;
  expect([await status('read:x', { audience: 'two' }), await status('read:x', { resource: 'one' }), await status('read:urn', { audience: 'two' })]).toEqual(['granted', 'denied', 'not-requested']);
  // The session is the default audience's.
  expect(await app.session()).toMatchObject({ requested: ['openid', 'read:x'], granted: ['openid', 'read:x'], denied: [] });
  expect((await app.call('scopeReport')).value).toMatchObject({ requested: ['openid', 'read:x'], unused: [] });
});

test('C157 a scope is explained for the audience that is meant', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x', audience: 'one' });
  await app.signIn();
  server.answer = { scope: 'openid read:x' };
  await get(app, 'read:x write:x', { audience: 'two' });
  const explain = async (scope: string, selector: object) => (await app.call('explainScope', scope, selector as never)).value;
  expect(await explain('write:x', { audience: 'one' })).toMatch(/^"write:x" \(audience=one\) was never requested.*asked for "openid read:x" and granted "openid read:x"/);
  expect(await explain('write:x', { audience: 'two' })).toMatch(/^"write:x" \(audience=two\) is denied.*asked for "openid read:x write:x" and granted "openid read:x"/);
  expect(await explain('read:x', { resource: 'two' })).toMatch(/^"read:x" \(resource=two\) was never requested.*there is no grant/);
});

test('C157 a token is found by what was granted, and what is missing is asked of nobody', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x', provider: { implies: { 'admin:*': ['write:*'], 'write:*': ['read:*'] } } });
  await app.signIn();
  server.answer = { scope: 'admin:y' };
  // Asked for less, granted more; the second asked for more, granted less.
  expect(await get(app, 'read:y', { audience: 'two' })).toMatchObject({ outcome: 'granted' });
  server.answer = { scope: 'read:z' };
  expect(await get(app, 'write:z read:z', { audience: 'three' })).toMatchObject({ outcome: 'partial', missing: ['write:z'] });
  expect(await token(app, { audience: 'two', scope: 'write:y' })).toBe('access-2');
  expect(await token(app, { audience: 'two', scope: ['admin:y', 'read:y'] })).toBe('access-2');
  expect(await token(app, { audience: 'three', scope: 'read:z' })).toBe('access-3');

  const before = server.received.length;
  const asked: string[] = [];
  app.page.on('request', (request) => void asked.push(request.url()));
  expectFailure(await app.call('getAccessToken', { audience: 'three', scope: 'read:z write:z' }), 'missing_scope', { missing: ['write:z'] });
  expectFailure(await app.call('getAccessToken', { audience: 'two', scope: ['read:z', 'write:y'] }), 'missing_scope', { missing: ['read:z'] });
  expectFailure(await app.call('getAccessToken', { scope: 'read:y' }), 'missing_scope', { missing: ['read:y'] });
  expectFailure(await app.call('getAccessToken', { audience: 'four' }), 'missing_scope', { missing: ['openid'] });
  expect([asked, server.received.length]).toEqual([[], before]);
});

test('C158 audiences and resources may have any character', async ({ app }) => {
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  for (const [n, selector] of AWKWARD.entries()) {
    const url = await app.ask('upgrade', `scope:${n}`, selector);
    expect(query(url)).toEqual([['scope', `openid scope:${n}`], ...Object.entries(selector)]);
    expect((await app.handle(app.server.approve(url))).value).toMatchObject({ outcome: 'granted', granted: ['openid', `scope:${n}`] });
  }
  const every = AWKWARD.map((_, n) => `scope:${n}`);
  // As they are, and as they come back from storage.
  for (const turn of ['first', 'reloaded']) {
    for (const [n, selector] of AWKWARD.entries()) {
      expect([turn, selector, (await app.call('missingScopes', every, selector)).value]).toEqual([turn, selector, every.filter((_, other) => other !== n)]);
      expect(await token(app, { ...selector, scope: `scope:${n}` })).toBe(`access-${n + 2}`);
    }
    expect((await app.call('missingScopes', every)).value).toEqual(every);
    expect(await token(app, { scope: 'read:x' })).toBe('access-1');
    await app.goto();
    await app.open({ scope: 'openid read:x' });
  }
});

test('C158 a no is that of one audience, whatever it is called', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  for (const selector of AWKWARD.slice(0, 6)) {
    const url = await app.ask('upgrade', 'write:x', selector);
    expect((await app.handle(server.reply(url, { error: 'access_denied' }))).value).toMatchObject({ outcome: 'denied' });
    expect((await app.call('scopeStatus', 'write:x', selector)).value).toBe('denied');
  }
  for (const selector of AWKWARD.slice(6)) expect([selector, (await app.call('scopeStatus', 'write:x', selector)).value]).toEqual([selector, 'not-requested']);
  expect((await app.call('scopeStatus', 'write:x')).value).toBe('not-requested');
  expect((await app.call('scopeStatus', 'read:x', { audience: 'a' })).value).toBe('not-requested');
});

test('C158 clients may have ids with any character, and each its own session', async ({ app }) => {
  const ids = ['app', 'app::x', 'app:', 'app|x', 'app&client_id=x', 'app=x', 'app x', 'app+x', 'app%20x', '__proto__', 'ä😀'];
  for (const [n, clientId] of ids.entries()) {
    const one = await app.as(`client ${n}`).open({ clientId, scope: `openid only:${n}` });
    expect((await one.session()).signedIn).toBe(false);
    const { url } = await one.start();
    expect(new URL(url).searchParams.get('client_id')).toBe(clientId);
    expect((await one.handle(app.server.approve(url))).error).toBeUndefined();
  }
  expect(await app.keys(':session')).toHaveLength(ids.length);
  await app.as('client 0').call('signOut', { local: true });
  await app.goto();
  for (const [n, clientId] of ids.entries()) {
    await app.open({ clientId });
    expect([clientId, (await app.session()).granted]).toEqual([clientId, n === 0 ? [] : ['openid', `only:${n}`]]);
  }
});

test('a selector is checked, and named', async ({ app }) => {
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  for (const [selector, name] of [[{ audience: '' }, /audience/], [{ resource: '' }, /resource/], [{ audience: 7 }, /"audience"/], [{ aud: 'x' }, /"aud"/], ['two', /selector/]] as [never, RegExp][]) {
    for (const method of ['hasScope', 'hasAnyScope', 'missingScopes', 'scopeStatus', 'explainScope'] as const) {
      const answer = await app.call(method, 'read:x', selector);
      expectFailure(answer, 'invalid_options');
      expect(answer.error!.message).toMatch(name);
    }
  }
});

test('an upgrade for another audience keeps the first grant to the letter', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x', audience: 'one' });
  server.answer = { refresh_token: 'refresh-1' };
  await app.signIn();
  const grant = async () => grantText((await app.sessionText())!, 'one');
  const [before, session] = [await grant(), await app.session()];
  expect(before).toContain('access-1');
  server.answer = { refresh_token: 'refresh-2' };
  await get(app, 'write:y', { audience: 'two' });
  expect(await grant()).toBe(before);
  const { requested, granted, denied, expiresAt } = session;
  expect(await app.session()).toMatchObject({ requested, granted, denied, expiresAt });
  // Neither a no nor an error for the other one touches it.
  expect((await app.handle(server.reply(await app.ask('upgrade', 'admin', { audience: 'two' }), { error: 'access_denied' }))).value).toMatchObject({ outcome: 'denied' });
  expectFailure(await app.handle(server.reply(await app.ask('upgrade', 'admin', { audience: 'three' }), { error: 'server_error' })), 'server_error');
  expect(await grant()).toBe(before);
  expect([await token(app, { scope: 'read:x' }), await token(app, { audience: 'two', scope: 'write:y' })]).toEqual(['access-1', 'access-2']);
  // And the other way round.
  await get(app, 'write:x');
  expect([await token(app, { scope: 'write:x read:x' }), await token(app, { audience: 'two', scope: 'write:y' })]).toEqual(['access-3', 'access-2']);
});

test('what every request has goes with an upgrade too', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x', audience: 'one', authorizationParams: { organization: 'org_Ab1', connection: 'ada & co', access_type: 'offline' } });
  const params = (url: string) => Object.fromEntries(['organization', 'connection', 'access_type'].map((name) => [name, new URL(url).searchParams.getAll(name).join()]));
  const usual = { organization: 'org_Ab1', connection: 'ada & co', access_type: 'offline' };
  // What is said once counts once.
  const { url } = await app.start({ params: { organization: 'org_2' } });
  expect(params(url)).toEqual({ ...usual, organization: 'org_2' });
  await app.handle(server.approve(url));
  expect(params(await app.ask('upgrade', 'write:x'))).toEqual(usual);
  expect(params(await app.ask('upgrade', 'write:x', { audience: 'two' }))).toEqual(usual);
  expect(params(await app.ask('upgrade', 'write:x', { params: { connection: 'grace' } }))).toEqual({ ...usual, connection: 'grace' });
  expect(params(await app.ask('signIn'))).toEqual(usual);
});

for (const how of ['signing out', 'another sign-in'] as const) {
  test(`${how} drops the tokens of every audience`, async ({ app, server }) => {
    await app.open({ scope: 'openid read:x', audience: 'one' });
    await app.signIn();
    await get(app, 'read:y', { audience: 'two' });
    await get(app, 'read:z', { resource: 'urn:three' });
    if (how === 'signing out') {
      expect(await app.call('signOut', { local: true })).toEqual({});
      expect(await app.sessionText()).toBeUndefined();
      for (const selector of [{}, { audience: 'two' }, { resource: 'urn:three' }]) expectFailure(await app.call('getAccessToken', selector), 'not_signed_in');
    }
    server.sub = 'grace';
    await app.signIn();
    expect(await token(app, { scope: 'read:x' })).toBe('access-4');
    for (const [scope, selector] of [['read:y', { audience: 'two' }], ['read:z', { resource: 'urn:three' }]] as const) {
      expectFailure(await app.call('getAccessToken', selector), 'missing_scope');
      expect(await has(app, scope, selector)).toBe(false);
      expect((await app.call('scopeStatus', scope, selector)).value).toBe('not-requested');
    }
    expect(JSON.stringify(await app.records())).not.toMatch(/access-[123]/);
  });
}
