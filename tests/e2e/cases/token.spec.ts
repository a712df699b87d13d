// The token endpoint: one request for a code whatever comes back, and the right word for it.
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import type { Script, ScriptedServer } from '../server.js';

/** Signs in with a scripted answer, twice with the same callback: the code is sent once. */
async function once(app: App, server: ScriptedServer, script: Script, code: string, members: Record<string, unknown> = {}) {
  server.token = script;
  const callback = server.approve((await app.start()).url);
  const before = server.requests().length;
  expectFailure(await app.handle(callback), code, { retryable: false, ...members });
  expectFailure(await app.handle(callback), 'callback_consumed');
  expect(server.requests().length - before).toBe(1);
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.sessionText()).toBeUndefined();
}

test('C053 a gateway’s HTML page is no token answer', async ({ app, server }) => {
  await app.open();
  await once(app, server, ({ send }) => send(200, 'text/html', '<!doctype html><title>Welcome</title>'), 'token_response_invalid');
});

test('C054 the connection breaks after the request', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource/);
  await app.open();
  await once(app, server, ({ response }) => void response.destroy(), 'token_response_lost');
});

test('C056 no reply in time', async ({ app, server }) => {
  await app.open({ timeout: 300 });
  await once(app, server, () => {}, 'timeout');
});

test('C057 the timeout covers the body too', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource/);
  await app.open({ timeout: 300 });
  await once(app, server, ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"access_token":'), 'timeout');
});

for (const status of [302, 307]) {
  test(`C058 a redirect (${status}) is not followed`, async ({ app, server }) => {
    await app.open();
    await once(app, server, ({ response }) => void response.writeHead(status, { location: `${server.issuer}/elsewhere` }).end(), 'http');
    expect(server.requests('/elsewhere')).toEqual([]);
  });
}

test('C060 JSON counts by its type', async ({ app, server }) => {
  await app.open();
  await once(app, server, ({ send, tokens }) => send(200, 'text/plain', JSON.stringify(tokens)), 'token_response_invalid');
  await once(app, server, ({ send, tokens }) => send(200, undefined, JSON.stringify(tokens)), 'token_response_invalid');
  server.token = ({ send, tokens }) => send(200, 'application/vnd.example+json; charset=utf-8', JSON.stringify(tokens));
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
});

test('C061 a byte order mark is tolerated, other oddities are not', async ({ app, server }) => {
  await app.open();
  const json = 'application/json';
  await once(app, server, ({ send, tokens }) => send(200, json, Buffer.from(JSON.stringify(tokens), 'utf16le')), 'token_response_invalid');
  await once(app, server, ({ send, tokens }) => send(200, json, `${JSON.stringify(tokens)} and more`), 'token_response_invalid');
  await once(app, server, ({ send, tokens }) => send(200, json, JSON.stringify(tokens).replace('3600', 'NaN')), 'token_response_invalid');
  await once(app, server, ({ send, tokens }) => send(200, json, `/* tokens */ ${JSON.stringify(tokens)}`), 'token_response_invalid');
  server.token = ({ send, tokens }) => send(200, json, `\ufeff${JSON.stringify(tokens)}`);
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
});

test('C065 an error status, with or without words', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource: the server responded with a status of 40[01]/);
  await app.open();
  await once(app, server, ({ send }) => send(400, 'text/html', '<h1>Bad Request</h1>'), 'http', { status: 400 });
  await once(app, server, ({ response }) => void response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(), 'http', { status: 401 });
  const error = { error: 'invalid_grant', error_description: 'The code has expired.' };
  await once(app, server, ({ json }) => json(error, 400), 'invalid_grant', { status: 400, description: 'The code has expired.' });
});

test('C066 an error with status 200 is an error', async ({ app, server }) => {
  await app.open();
  await once(app, server, ({ json, tokens }) => json({ ...tokens, error: 'invalid_client' }), 'invalid_client', { status: 200 });
});

for (const status of [429, 503]) {
  test(`C068 status ${status} with Retry-After does not send the code again`, async ({ app, server, mayLog }) => {
    mayLog(/Failed to load resource: the server responded with a status of (429|503)/);
    await app.open();
    await once(app, server, ({ response }) => void response.writeHead(status, { 'retry-after': '0' }).end(), 'http', { status });
  });
}

test('C082 an empty scope grants nothing', async ({ app, server }) => {
  await app.open({ scope: 'read:x write:x' });
  server.answer = { scope: '' };
  expect(await app.signIn()).toMatchObject({ outcome: 'denied', granted: [], missing: ['read:x', 'write:x'] });
  expect(await app.session()).toMatchObject({ signedIn: true, granted: [], denied: ['read:x', 'write:x'] });
  expect((await app.call('hasScope', 'read:x')).value).toBe(false);
});

test('C084 less than requested is a success that says what is missing', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x write:x' });
  server.answer = { scope: 'openid read:x' };
  expect(await app.signIn()).toMatchObject({ outcome: 'partial', granted: ['openid', 'read:x'], missing: ['write:x'] });
  expect((await app.call('hasScope', 'write:x')).value).toBe(false);
  expect((await app.call('scopeStatus', 'write:x')).value).toBe('denied');
  expect((await app.call('hasScope', 'read:x')).value).toBe(true);
  expectFailure(await app.call('getAccessToken', { scope: 'read:x write:x' }), 'missing_scope', { missing: ['write:x'] });
});

test('C090 openid without an ID token is an error, unless it was denied', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x' });
  await once(app, server, ({ json, tokens }) => json({ ...tokens, id_token: undefined }), 'id_token_invalid', { reason: 'malformed' });
  server.token = ({ json, tokens }) => json({ ...tokens, id_token: undefined, scope: 'read:x' });
  expect(await app.signIn()).toMatchObject({ outcome: 'partial', missing: ['openid'] });
  expect((await app.session()).claims).toBeNull();
});

test('C097 leaving the page during the exchange leaves nothing half-written', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource/);
  await app.open();
  const callback = server.approve((await app.start()).url);
  const asked = app.page.waitForRequest(`${server.issuer}/token`);
  server.token = () => {};
  await app.page.evaluate((url) => void kit.call('main', 'handleCallback', url), callback);
  await asked;
  await app.goto('/elsewhere');
  await app.open();
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.sessionText()).toBeUndefined();
  expectFailure(await app.handle(callback), 'token_response_lost');
  expect(server.requests()).toHaveLength(1);
});

test('C098 requests carry no cookies and no referrer, use no cache and follow no redirect', async ({ app, server }) => {
  const seen = await app.page.evaluate(async (options) => {
    const requests: { url: string; init: RequestInit }[] = [];
    const fetch = (url: string, init: RequestInit) => {
      const { signal, ...rest } = init;
      requests.push({ url, init: { ...rest, headers: Object.fromEntries(new Headers(init.headers)) } });
      return globalThis.fetch(url, init);
    };
    await kit.open('main', { ...options, fetch });
    await kit.call('main', 'prepare');
    return (globalThis as any).requests = requests;
  }, app.options({ metadata: undefined, issuer: server.issuer }));
  expect(seen).toHaveLength(1);
  await app.signIn();
  const requests: typeof seen = await app.page.evaluate(() => (globalThis as any).requests);
  expect(requests.map(({ url }) => url)).toEqual([`${server.issuer}/.well-known/openid-configuration`, `${server.issuer}/token`]);
  for (const { init } of requests) {
    expect(init).toMatchObject({ cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'manual' });
  }
  expect(requests[1]!.init).toMatchObject({ method: 'POST', headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' } });
  expect(server.requests()[0]!.headers).not.toHaveProperty('referer');
  const { form } = server.requests()[0]!;
  expect(Object.fromEntries(form)).toEqual({
    grant_type: 'authorization_code', client_id: 'app', code: expect.any(String), redirect_uri: `${app.origin}/cb`, code_verifier: expect.stringMatching(/^[\w.~-]{43,128}$/),
  });
});

test('C062 a member that is there twice: one of them counts, throughout', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x' });
  server.token = ({ send, tokens }) => send(200, 'application/json', JSON.stringify({ ...tokens, access_token: 'first' }).replace(/}$/, ',"access_token":"access-last"}'));
  await app.signIn();
  expect((await app.call('getAccessToken')).value).toBe('access-last');
});
