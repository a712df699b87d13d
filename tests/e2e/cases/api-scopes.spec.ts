// What an API says of itself (RFC 9728): read once, with nothing that is secret, and taken only where it is sound.
import { call, insufficient, signedIn, test, type ScriptedApi } from '../api.js';
import { expectFailure, type App } from '../app.js';
import { expect } from '../fixtures.js';

const PLACE = '/.well-known/oauth-protected-resource';

const ask = (app: App, url: string) => app.call('apiScopes', url);
const places = (api: ScriptedApi) => api.received.map(({ path }) => path);

/** The API answers for its metadata so, and for the rest as before. */
function describes(api: ScriptedApi, document: object, headers: Record<string, string> = {}): void {
  const { answer } = api;
  api.answer = (called) => {
    if (!called.path.startsWith(PLACE)) return answer(called);
    return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(document) };
  };
}

const documentOf = (api: ScriptedApi, app: App, path = '') => ({
  resource: `${api.origin}${path}`,
  authorization_servers: [app.server.issuer],
  scopes_supported: ['read:x', 'write:x'],
  resource_name: 'Calendar',
  resource_documentation: `${api.origin}/docs`,
});

for (const storage of ['session', 'worker'] as const) {
  test(`an API's scopes and what of them is held, with storage ${storage}`, async ({ app, api, context }) => {
    await context.addCookies([{ name: 'sid', value: 'secret', url: api.origin }]);
    await signedIn(app, { [`${api.origin}/v1/`]: { discover: true } }, { scope: 'openid read:x', storage });
    describes(api, documentOf(api, app, '/v1/'));
    const { value } = await ask(app, `${api.origin}/v1/appointments?day=1`);
    expect(value).toEqual({
      resource: `${api.origin}/v1/`, supported: ['read:x', 'write:x'], granted: ['read:x'], missing: ['write:x'],
      name: 'Calendar', documentation: `${api.origin}/docs`,
    });
    expect(places(api)).toEqual([`${PLACE}/v1/`]);
    expect(api.received[0]!.headers).not.toHaveProperty('authorization');
    expect(api.received[0]!.headers).not.toHaveProperty('cookie');
    await ask(app, `${api.origin}/v1/`);
    expect(api.received).toHaveLength(1);
  });
}

test('what is not sound is refused with a word on what to do', async ({ app, api, mayLog }) => {
  mayLog(/Failed to load resource/);
  await signedIn(app, { [api.origin]: { discover: true } });
  const sound = documentOf(api, app);
  for (const [document, hint] of [
    [{ ...sound, resource: 'https://evil.example' }, /the same, to the letter/],
    [{ ...sound, authorization_servers: ['https://evil.example'] }, /authorization_servers.*issuer option/],
    [{ ...sound, authorization_servers: [] }, /authorization_servers/],
    [{ ...sound, scopes_supported: 'read:x' }, /scopes_supported/],
    [{ ...sound, filling: 'x'.repeat(1 << 20) }, /JSON object/],
  ] as const) {
    describes(api, document);
    expectFailure(await ask(app, api.origin), 'metadata_invalid', { message: expect.stringMatching(hint) });
  }
  describes(api, sound, { 'content-type': 'text/html' });
  expectFailure(await ask(app, api.origin), 'metadata_invalid');
  api.answer = () => ({ status: 404 });
  expectFailure(await ask(app, api.origin), 'http', { status: 404, message: expect.stringContaining(PLACE.slice(1)) });
  api.answer = ({ path }) => (path === PLACE ? { status: 302, headers: { location: `${api.origin}/elsewhere` } } : { body: '{}' });
  expectFailure(await ask(app, api.origin), 'http');
  expect(places(api)).not.toContain('/elsewhere');
  // An API need not say whose tokens it takes.
  describes(api, { ...sound, authorization_servers: undefined });
  expect((await ask(app, api.origin)).value).toMatchObject({ supported: sound.scopes_supported });
  expectFailure(await ask(app, 'https://stranger.example/'), 'untrusted_origin');
  expectFailure(await ask(app, '/app/'), 'invalid_options');
});

test('a challenge says where it is at its own origin, and leads to no scope that challengeScope does not list', async ({ app, api, stranger }) => {
  await signedIn(app, { [api.origin]: { discover: true, challengeScope: 'read:y' } }, { scope: 'openid read:x' });
  const challenge = (place: string) => {
    const { headers } = insufficient('write:x');
    return { status: 403, headers: { 'www-authenticate': `${headers!['www-authenticate']}, resource_metadata="${place}"` } };
  };
  const document = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(documentOf(api, app)) };
  api.answer = ({ path }) => (path === '/meta' ? document : challenge(path === '/stranger' ? `${stranger.origin}/meta` : `${api.origin}/meta`));
  for (const path of ['/own', '/stranger']) {
    expectFailure(await call(app, `${api.origin}${path}`), 'insufficient_scope', { missing: [] });
  }
  expect((await ask(app, api.origin)).value).toMatchObject({ supported: ['read:x', 'write:x'] });
  expect(places(api)).toEqual(['/own', '/stranger', '/meta']);
  expect(stranger.received).toEqual([]);
  expectFailure(await call(app, `${api.origin}/own`), 'insufficient_scope', { missing: [] });
});
