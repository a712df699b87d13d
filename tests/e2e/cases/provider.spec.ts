// Servers with scope rules of their own: what is asked of them, how their answers are read, and what their errors mean.
import { call, insufficient, parameter, popups, signedIn, test } from '../api.js';
import { expectFailure, type App, type More } from '../app.js';
import { expect } from '../fixtures.js';

const GOOGLE = 'https://www.googleapis.com/auth';
const GRAPH = 'https://graph.microsoft.com';

const has = async (app: App, scope: string) => (await app.call('hasScope', scope)).value;
const status = async (app: App, scope: string) => (await app.call('scopeStatus', scope)).value;
const sent = (url: string, name: string) => new URL(url).searchParams.get(name);

test('github: commas in the answer, and scopes that carry others', async ({ app, server }) => {
  await app.open({ provider: 'github', scope: 'repo user user:email gist' });
  // It lists no scope that another one carries.
  server.answer = { scope: 'repo,gist,user' };
  expect(await app.signIn()).toMatchObject({ outcome: 'granted', missing: [] });
  expect(await app.session()).toMatchObject({ granted: ['repo', 'user', 'user:email', 'gist'], denied: [] });
  for (const carried of ['repo', 'repo:status', 'public_repo', 'read:user', 'user:follow', 'user:email gist']) expect([carried, await has(app, carried)]).toEqual([carried, true]);
  for (const other of ['read:org', 'delete_repo', 'Repo', 'repo,gist,user']) expect([other, await has(app, other)]).toEqual([other, false]);
  expect(await status(app, 'repo:status')).toBe('granted');
  expect((await app.call('missingScopes', ['read:user', 'read:org'])).value).toEqual(['read:org']);
  expect((await app.call('explainScope', 'repo:status')).value).toContain('"repo:status" is granted: another scope carries it.');
  expect((await app.call('getAccessToken', { scope: 'repo:status read:user' })).value).toBe('access-1');
  // What is carried is there: nothing is asked, and it is not named again either.
  expect((await app.call('upgrade', 'repo:status')).value).toMatchObject({ kind: 'upgrade', outcome: 'granted' });
  const url = await app.ask('upgrade', 'admin:org');
  expect(sent(url, 'scope')).toBe('repo user gist admin:org');
  server.answer = { scope: 'admin:org,gist,repo,user' };
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'granted', missing: [] });
  // Step by step: admin carries write, and write carries read.
  expect(await has(app, 'write:org read:org user:email')).toBe(true);
});

test('github: an answer without scopes grants none', async ({ app, server }) => {
  await app.open({ provider: 'github', scope: 'repo' });
  server.answer = { scope: '' };
  expect(await app.signIn()).toMatchObject({ outcome: 'denied', granted: [], missing: ['repo'] });
  expect(await has(app, 'repo:status')).toBe(false);
});

for (const [answer, scope] of [['lists the union', `openid ${GOOGLE}/drive ${GOOGLE}/calendar ${GOOGLE}/userinfo.email`], ['has no scope member', undefined]] as const) {
  test(`google: an upgrade asks for what is missing, and holds both; its answer ${answer}`, async ({ app, server }) => {
    await app.open({ provider: 'google', scope: `openid email ${GOOGLE}/drive` });
    const first = await app.start();
    expect([sent(first.url, 'scope'), sent(first.url, 'include_granted_scopes')]).toEqual([`openid email ${GOOGLE}/drive`, null]);
    server.answer = { scope: `${GOOGLE}/userinfo.email openid ${GOOGLE}/drive` };
    expect((await app.handle(server.approve(first.url))).value).toMatchObject({ outcome: 'granted', missing: [] });
    expect(await status(app, 'email')).toBe('granted');

    const url = await app.ask('upgrade', `${GOOGLE}/calendar`);
    expect([sent(url, 'scope'), sent(url, 'include_granted_scopes')]).toEqual([`openid ${GOOGLE}/calendar`, 'true']);
    server.answer = { scope };
    expect((await app.handle(server.approve(url))).value).toMatchObject({ kind: 'upgrade', outcome: 'granted', missing: [] });
    for (const held of ['openid', 'email', `${GOOGLE}/userinfo.email`, `${GOOGLE}/drive`, `${GOOGLE}/calendar`]) expect([held, await has(app, held)]).toEqual([held, true]);
    expect((await app.call('getAccessToken', { scope: `${GOOGLE}/drive ${GOOGLE}/calendar` })).value).toBe('access-2');
  });
}

test('google: a box that the user unticked is a no', async ({ app, server }) => {
  await app.open({ provider: 'google', scope: `openid email ${GOOGLE}/drive` });
  server.answer = { scope: `openid ${GOOGLE}/userinfo.email` };
  expect(await app.signIn()).toMatchObject({ outcome: 'partial', missing: [`${GOOGLE}/drive`] });
  // It lists all that it grants, e-mail too.
  server.answer = { scope: `openid ${GOOGLE}/drive` };
  expect(await app.signIn()).toMatchObject({ outcome: 'partial', missing: ['email'] });
});

test('offline_access needs consent, unless the server has other ways', async ({ app }) => {
  const prompt = async (more: More, options: object = {}) => {
    await app.open({ scope: 'openid offline_access', ...more });
    return sent((await app.start(options)).url, 'prompt');
  };
  expect(await prompt({})).toBe('consent');
  expect(await prompt({ provider: 'generic' })).toBe('consent');
  expect(await prompt({ provider: { unlisted: ['openid'] } })).toBe('consent');
  // The application's own word counts.
  expect(await prompt({ provider: 'generic' }, { prompt: 'login' })).toBe('login');
  expect(await prompt({ authorizationParams: { prompt: 'select_account' } })).toBe('select_account');
  expect(await prompt({ scope: 'openid' })).toBeNull();
  expect(await prompt({ scope: 'offline_access' })).toBeNull();
  for (const provider of ['auth0', 'google', 'entra', 'okta', 'keycloak', 'github'] as const) expect([provider, await prompt({ provider })]).toEqual([provider, null]);
  expect(await prompt({ provider: { extends: 'auth0' } })).toBeNull();
  // An upgrade asks for it again, and so for consent.
  await app.open({ scope: 'openid offline_access read:x' });
  app.server.answer = { refresh_token: 'refresh-1' };
  await app.signIn();
  expect(sent(await app.ask('upgrade', 'write:x'), 'prompt')).toBe('consent');
});

test('a profile of one’s own', async ({ app, server }) => {
  await app.open({
    scope: 'openid write:x mail hidden:x',
    provider: {
      implies: { 'admin:*': ['write:*'], 'write:*': ['read:*', 'list:*'], all: ['one', 'two'] },
      aliases: { mail: ['https://id.example/mail', 'post'] },
      unlisted: ['openid', 'hidden:x'],
      scopeDelimiter: ',',
      upgradeRequest: 'incremental',
    },
  });
  server.answer = { scope: 'write:x,https://id.example/mail' };
  expect(await app.signIn()).toMatchObject({ outcome: 'granted', missing: [] });
  for (const held of ['write:x', 'read:x', 'list:x', 'mail', 'post', 'https://id.example/mail']) expect([held, await status(app, held)]).toEqual([held, 'granted']);
  for (const held of ['openid', 'hidden:x']) expect([held, await status(app, held)]).toEqual([held, 'assumed']);
  // The same rest on both sides: neither another one nor a longer name, and never upwards.
  for (const other of ['read:y', 'read:', 'admin:x', 'read:x:y', 'one', 'profile']) expect([other, await status(app, other)]).toEqual([other, 'not-requested']);

  const url = await app.ask('upgrade', 'admin:y all');
  expect([sent(url, 'scope'), sent(url, 'include_granted_scopes')]).toEqual(['openid admin:y all', 'true']);
  server.answer = { scope: 'write:x,post,admin:y,all' };
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'granted', missing: [] });
  expect(await has(app, 'mail read:x write:y read:y one two')).toBe(true);
  // They are the session's: a client that comes later sees them too.
  await app.goto();
  await app.open();
  expect(await has(app, 'mail read:x write:y read:y one two')).toBe(true);
});

test('a profile extends a named one: rules add to its own, the rest replaces it', async ({ app, server }) => {
  await app.open({ scope: 'team gist', provider: { extends: 'github', implies: { team: ['repo'] }, aliases: { gist: ['gists'] } } });
  server.answer = { scope: 'team,gists' };
  expect(await app.signIn()).toMatchObject({ outcome: 'granted', granted: ['team', 'gist', 'gists'] });
  expect(await has(app, 'repo repo:status gist')).toBe(true);
  await app.open({ scope: 'a,b c', provider: { extends: 'github', scopeDelimiter: ' ' } });
  server.answer = { scope: 'a,b c' };
  expect(await app.signIn()).toMatchObject({ outcome: 'granted', granted: ['a,b', 'c'] });
  await app.open({ scope: `openid ${GOOGLE}/drive`, provider: { extends: 'google', upgradeRequest: 'union' } });
  server.answer = {};
  await app.signIn();
  const url = await app.ask('upgrade', `${GOOGLE}/calendar`);
  expect([sent(url, 'scope'), sent(url, 'include_granted_scopes')]).toEqual([`openid ${GOOGLE}/drive ${GOOGLE}/calendar`, null]);
});

test('a wrong profile is named, by its member', async ({ app }) => {
  const wrong: [unknown, RegExp][] = [
    [{ implies: null }, /"implies"/], [{ aliases: null }, /"aliases"/], [{ implies: [] }, /"implies"/], [{ implies: [['a', 'b']] }, /"implies"/],
    [{ aliases: [['a']] }, /"aliases"/], [{ scopeDelimiter: [','] }, /"scopeDelimiter"/], [{ upgradeRequest: ['union'] }, /"upgradeRequest"/],
    ['gitlab', /provider/], ['', /provider/], ['GitHub', /provider/], ['__proto__', /provider/], [7, /provider/], [null, /provider/], [['github'], /provider/],
    [{ extends: 'gitlab' }, /provider/], [{ extends: 7 }, /"extends"/], [{ extend: 'github' }, /"extend"/], [{ consent: '' }, /"consent"/], [{ hints: 'x|y' }, /"hints"/],
    [{ upgradeRequest: 'both' }, /"upgradeRequest"/], [{ upgradePrompt: 'login' }, /"upgradePrompt"/], [{ upgradeRequest: true }, /"upgradeRequest"/], [{ scopeDelimiter: ';' }, /"scopeDelimiter"/],
    [{ scopeDelimiter: '' }, /"scopeDelimiter"/], [{ refreshScope: 'all' }, /"refreshScope"/],
    [{ signOut: '/logout' }, /signOut/], [{ signOut: {} }, /signOut/], [{ signOut: { url: 'logout' } }, /signOut/], [{ signOut: { url: '/logout', state: '' } }, /"state"/],
    [{ implies: 'repo' }, /"implies"/], [{ implies: { repo: 'repo:status' } }, /"implies"/], [{ implies: { repo: ['a b'] } }, /"implies"/],
    [{ implies: { 'a b': ['c'] } }, /"implies"/], [{ implies: { repo: [7] } }, /"implies"/], [{ implies: { repo: [''] } }, /"implies"/], [{ implies: { repo: ['a\x1eb'] } }, /"implies"/],
    [{ aliases: { email: 'mail' } }, /"aliases"/], [{ aliases: { email: ['e mail'] } }, /"aliases"/], [{ aliases: { email: ['e\nmail'] } }, /"aliases"/],
    [{ unlisted: 'openid profile' }, /"unlisted"/], [{ unlisted: ['openid profile'] }, /"unlisted"/], [{ unlisted: {} }, /"unlisted"/], [{ unlisted: [null] }, /"unlisted"/],
  ];
  for (const [provider, name] of wrong) {
    const answer = await app.tryOpen({ provider: provider as never });
    expectFailure(answer, 'invalid_options');
    expect(answer.error!.message).toMatch(name);
  }
});

test('an error says what this server means by it, at the callback and at the token endpoint', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource/);
  const text = 'Invalid scopes: openid api:read';
  const hint = 'Each must be assigned to this client as a client scope.';
  for (const [provider, isKnown] of [['keycloak', true], [{ extends: 'keycloak' }, true], ['generic', false], ['okta', false]] as const) {
    await app.open({ provider });
    const { url } = await app.start();
    const handled = await app.handle(server.reply(url, { error: 'invalid_scope', error_description: text }));
    server.token = ({ json }) => json({ error: 'invalid_scope', error_description: text }, 400);
    const refused = await app.handle(server.approve((await app.start()).url));
    for (const answer of [handled, refused]) {
      expectFailure(answer, 'invalid_scope', { description: text });
      expect(answer.error!.message.includes(hint)).toBe(isKnown);
      expect(answer.error).not.toHaveProperty('hint');
    }
    server.token = ({ json, tokens }) => json(tokens);
  }
  // Another error of the same server has nothing to do with it.
  await app.open({ provider: 'keycloak' });
  const other = await app.handle(server.reply((await app.start()).url, { error: 'invalid_scope', error_description: 'something else' }));
  expect(other.error!.message).not.toContain(hint);
});

test('C153 a scope that the server renames is known by its aliases', async ({ app, server, api, context }) => {
  const asked = popups(context, app);
  const provider = { aliases: { 'read:x': ['https://api.example/read:x'], 'write:x': ['https://api.example/write:x'] } };
  server.answer = { scope: 'openid https://api.example/read:x' };
  await signedIn(app, { [api.origin]: { scope: 'read:x' } }, { provider });
  expect(await app.session()).toMatchObject({ granted: ['openid', 'read:x', 'https://api.example/read:x'], denied: [] });
  server.answer = { scope: 'openid https://api.example/read:x https://api.example/write:x' };
  expect((await call(app, api.origin, { scope: 'write:x', onMissing: 'popup' })).value?.status).toBe(200);
  expect((await call(app, api.origin, { scope: 'write:x https://api.example/write:x', onMissing: 'popup' })).value?.status).toBe(200);
  // One spelling is enough.
  expect(parameter(asked, 'scope')).toEqual(['openid read:x write:x']);
});

test('C153 entra puts its resource before a scope, or does not', async ({ app, server }) => {
  await app.open({ provider: 'entra', scope: 'openid User.Read' });
  server.answer = { scope: `${GRAPH}/User.Read ${GRAPH}/Mail.Read` };
  expect(await app.signIn()).toMatchObject({ outcome: 'granted', missing: [] });
  expect(await has(app, `User.Read ${GRAPH}/User.Read Mail.Read`)).toBe(true);
  expect((await app.call('upgrade', 'Mail.Read')).value).toMatchObject({ outcome: 'granted' });
  // Of two spellings one is sent.
  expect(sent(await app.ask('upgrade', 'Mail.Send'), 'scope')).toBe(`openid User.Read ${GRAPH}/Mail.Read Mail.Send`);
});

test('C153 without a profile it is missing, and nobody is asked in circles', async ({ app, server, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  server.answer = { scope: 'openid read:x https://api.example/write:x' };
  expectFailure(await call(app, api.origin, { scope: 'write:x', onMissing: 'popup' }), 'missing_scope', { missing: ['write:x'] });
  expect([asked.length, api.received.length]).toEqual([1, 0]);
  api.answer = () => insufficient('write:x');
  for (const onMissing of ['popup', 'redirect', 'popup']) {
    expectFailure(await call(app, api.origin, { scope: 'write:x', onMissing }), 'missing_scope', { missing: ['write:x'] });
    expectFailure(await call(app, api.origin, { onMissing }), 'insufficient_scope', { missing: ['write:x'] });
  }
  expect(asked).toHaveLength(1);
  expect(app.page.url()).toBe(`${app.origin}/app/`);
  expect((await app.upgrade('write:x')).value).toMatchObject({ outcome: 'denied', missing: ['write:x'], granted: ['openid', 'read:x', 'https://api.example/write:x'] });
  expect(await status(app, 'write:x')).toBe('denied');
});
