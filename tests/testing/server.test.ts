// The server for tests keeps the rules of a good one. Requests are as a client sends them, written by hand.
import { beforeEach, expect, test, vi } from 'vitest';
import { createFakeServer, type FakeServer } from 'scopewise/testing';

const REDIRECT = 'https://app.test/cb';
const VERIFIER = 'a-verifier-of-forty-three-characters-or-more-x';

/** `VERIFIER`'s challenge, as RFC 7636 has it. */
const challenge = async () => {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(VERIFIER));
  return btoa(String.fromCharCode(...new Uint8Array(hash))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
};

const asked = async (server: FakeServer, more: Record<string, string> = {}) => {
  const parameters = { response_type: 'code', client_id: 'app', redirect_uri: REDIRECT, scope: 'openid offline_access read:x', state: 'a state', nonce: 'a nonce', code_challenge: await challenge(), code_challenge_method: 'S256' };
  return `${server.metadata.authorization_endpoint}?${new URLSearchParams({ ...parameters, ...more })}`;
};

const answered = async (...answer: Parameters<FakeServer['answer']>) => new URL(await server.answer(...answer)).searchParams;

const post = async (path: string, form: Record<string, string>) => {
  const response = await server.fetch(`${server.issuer}${path}`, { method: 'POST', body: new URLSearchParams({ client_id: 'app', ...form }).toString() });
  const text = await response.text();
  return { status: response.status, ...(text ? JSON.parse(text) : {}) };
};

const exchange = (code: string | null, more: Record<string, string> = {}) => post('/token', { grant_type: 'authorization_code', code: code ?? '', redirect_uri: REDIRECT, code_verifier: VERIFIER, ...more });
const refresh = (token: string, more: Record<string, string> = {}) => post('/token', { grant_type: 'refresh_token', refresh_token: token, ...more });

let server: FakeServer;
beforeEach(() => {
  server = createFakeServer({ user: { sub: 'ada', email: 'ada@id.test' } });
});

test('its metadata is at the place of its issuer', async () => {
  for (const place of ['openid-configuration', 'oauth-authorization-server']) {
    const response = await server.fetch(`https://id.test/.well-known/${place}`);
    expect(await response.json()).toEqual(server.metadata);
  }
  const other = createFakeServer({ issuer: 'https://id.test/tenant/', scopes: 'openid' });
  expect(other.metadata).toMatchObject({ issuer: 'https://id.test/tenant/', token_endpoint: 'https://id.test/tenant/token', scopes_supported: ['openid'] });
  expect(await (await other.fetch('https://id.test/tenant/.well-known/openid-configuration')).json()).toEqual(other.metadata);
});

test('a yes has a code, the state and the issuer; a code is good for one use, and its second ends the grant', async () => {
  const back = await answered(await asked(server));
  expect([back.get('state'), back.get('iss'), back.has('error')]).toEqual(['a state', 'https://id.test', false]);
  const tokens = await exchange(back.get('code'));
  expect(tokens).toMatchObject({ status: 200, token_type: 'Bearer', expires_in: 3600, scope: 'openid offline_access read:x' });
  expect(server.inspect(tokens.access_token)).toMatchObject({ user: { sub: 'ada' }, scopes: ['openid', 'offline_access', 'read:x'], clientId: 'app' });
  expect(await exchange(back.get('code'))).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect(server.inspect(tokens.access_token)).toBeNull();
  expect(await refresh(tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
});

test('PKCE, the client and the redirect URI are checked', async () => {
  for (const wrong of [{ code_verifier: 'another' }, { code_verifier: '' }, { client_id: 'other' }, { redirect_uri: 'https://app.test/other' }] as Record<string, string>[]) {
    expect(await exchange((await answered(await asked(server))).get('code'), wrong)).toMatchObject({ status: 400, error: 'invalid_grant' });
  }
  expect(await exchange('no code')).toMatchObject({ error: 'invalid_grant' });
  expect(await post('/token', { grant_type: 'password' })).toMatchObject({ error: 'unsupported_grant_type' });
  for (const [error, wrong] of [['invalid_request', { code_challenge_method: 'plain' }], ['unsupported_response_type', { response_type: 'token' }]] as const) {
    expect((await answered(await asked(server, wrong))).get('error')).toBe(error);
  }
  const strict = createFakeServer({ clientId: 'mine', scopes: 'openid read:x' });
  expect(new URL(await strict.answer(await asked(strict))).searchParams.get('error')).toBe('unauthorized_client');
  const back = new URL(await strict.answer(await asked(strict, { client_id: 'mine', scope: 'openid other' }))).searchParams;
  expect([back.get('error'), back.has('error_description')]).toEqual(['invalid_scope', true]);
});

test('answers: no, some, somebody else, and errors; in the fragment where that is asked for', async () => {
  const no = await answered(await asked(server), 'deny');
  expect([no.get('error'), no.get('state'), no.has('code')]).toEqual(['access_denied', 'a state', false]);
  expect((await exchange((await answered(await asked(server), { granted: ['openid', 'more'] })).get('code'))).scope).toBe('openid');
  const grace = await exchange((await answered(await asked(server), { user: 'grace' })).get('code'));
  expect(server.inspect(grace.access_token)?.user).toEqual({ sub: 'grace' });
  expect((await answered(await asked(server), { error: 'server_error', description: 'Broken.' })).get('error_description')).toBe('Broken.');
  server.user = { sub: 'alan' };
  expect(server.inspect((await exchange((await answered(await asked(server))).get('code'))).access_token)?.user.sub).toBe('alan');
  const fragment = new URL(await server.answer(await asked(server, { response_mode: 'fragment' })));
  expect([fragment.search, new URLSearchParams(fragment.hash.slice(1)).get('state')]).toEqual(['', 'a state']);
  await expect(server.answer('https://id.test/authorize')).rejects.toThrow(/redirect_uri/);
});

test('ID tokens are signed with a key that it publishes', async () => {
  const { id_token: token, access_token: access } = await exchange((await answered(await asked(server, { acr_values: 'urn:mfa urn:other' }))).get('code'));
  const [header, payload, signature] = token.split('.');
  const bytes = (text: string) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
  const read = (text: string) => JSON.parse(new TextDecoder().decode(bytes(text)));
  const { keys: [key] } = await (await server.fetch('https://id.test/jwks')).json();
  expect(key).not.toHaveProperty('d');
  expect(read(header)).toEqual({ alg: 'ES256', typ: 'JWT', kid: key.kid });
  expect(read(payload)).toMatchObject({ iss: 'https://id.test', aud: 'app', sub: 'ada', email: 'ada@id.test', nonce: 'a nonce', acr: 'urn:mfa' });
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(access))).slice(0, 16);
  expect([...bytes(read(payload).at_hash)]).toEqual([...hash]);
  const imported = await crypto.subtle.importKey('jwk', key, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  const verify = (text: string) => crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, bytes(signature), new TextEncoder().encode(text));
  expect([await verify(`${header}.${payload}`), await verify(`${header}.${payload}x`)]).toEqual([true, false]);
});

test('refresh tokens rotate, and one that is used again ends the grant', async () => {
  const first = await exchange((await answered(await asked(server))).get('code'));
  const second = await refresh(first.refresh_token);
  expect(second).toMatchObject({ status: 200, scope: 'openid offline_access read:x' });
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(await refresh(second.refresh_token, { client_id: 'other' })).toMatchObject({ error: 'invalid_grant' });
  const third = await refresh(second.refresh_token);
  expect(third.status).toBe(200);
  expect(await refresh(first.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
  expect(await refresh(third.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  expect(server.inspect(third.access_token)).toBeNull();
});

test('who gets refresh tokens', async () => {
  const without = await asked(server, { scope: 'openid' });
  expect(await exchange((await answered(without)).get('code'))).not.toHaveProperty('refresh_token');
  server = createFakeServer({ refreshTokens: 'always' });
  expect(await exchange((await answered(without)).get('code'))).toHaveProperty('refresh_token');
  server = createFakeServer({ refreshTokens: 'never' });
  expect(await exchange((await answered(await asked(server))).get('code'))).not.toHaveProperty('refresh_token');
});

test('revocation ends a grant, and `revokeAll` all of them', async () => {
  const grant = async () => exchange((await answered(await asked(server))).get('code'));
  const [one, other, third] = [await grant(), await grant(), await grant()];
  expect((await post('/revoke', { token: one.refresh_token })).status).toBe(200);
  expect((await post('/revoke', { token: other.access_token })).status).toBe(200);
  expect((await post('/revoke', { token: 'no token' })).status).toBe(200);
  expect([one, other, third].map((tokens) => server.inspect(tokens.access_token) !== null)).toEqual([false, false, true]);
  server.revokeAll();
  expect(server.inspect(third.access_token)).toBeNull();
  expect(await refresh(third.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  expect(server.inspect((await grant()).access_token)).not.toBeNull();
});

test('userinfo is for tokens with openid, while they last', async () => {
  const userInfo = (token: string) => server.fetch('https://id.test/userinfo', { headers: { authorization: `Bearer ${token}` } });
  const { access_token: token } = await exchange((await answered(await asked(server))).get('code'));
  expect(await (await userInfo(token)).json()).toEqual({ sub: 'ada', email: 'ada@id.test' });
  const { access_token: bare } = await exchange((await answered(await asked(server, { scope: 'read:x' }))).get('code'));
  for (const none of [bare, 'no token']) expect((await userInfo(none)).status).toBe(401);
  vi.useFakeTimers({ now: Date.now() + 3_601_000 });
  expect((await userInfo(token)).status).toBe(401);
  vi.useRealTimers();
});

test('codes end after a minute', async () => {
  const code = (await answered(await asked(server))).get('code');
  vi.useFakeTimers({ now: Date.now() + 62_000 });
  expect(await exchange(code)).toMatchObject({ error: 'invalid_grant' });
  vi.useRealTimers();
});

test('requests are noted, and the next one may be answered otherwise', async () => {
  server.once('token', () => new Response('', { status: 503 }));
  server.once('token', () => { throw new TypeError('offline'); });
  expect((await exchange('x')).status).toBe(503);
  await expect(exchange('x')).rejects.toThrow('offline');
  expect((await exchange('x')).status).toBe(400);
  await server.fetch('https://id.test/jwks');
  expect(server.requests.map(({ endpoint }) => endpoint)).toEqual(['token', 'token', 'token', 'jwks']);
  expect(server.requests[0]!.parameters).toMatchObject({ grant_type: 'authorization_code', client_id: 'app' });
});

test('what is for nobody here goes on', async () => {
  server = createFakeServer({ respond: (request) => new Response(`${request.method} ${request.url}`) });
  expect(await (await server.fetch('https://api.test/x', { method: 'POST' })).text()).toBe('POST https://api.test/x');
  expect(await (await server.fetch('https://id.test/other')).text()).toBe('GET https://id.test/other');
  expect(server.requests).toEqual([]);
});
