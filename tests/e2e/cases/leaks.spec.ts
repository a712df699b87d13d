// What must be nowhere: secrets in errors, and in the module's memory once they are not in use.
import type { App } from '../app.js';
import { expect, test } from '../fixtures.js';
import { noteMemory } from '../memory.js';

const CALLBACKS: readonly ((answer: string) => string)[] = [
  (url) => url.replace(/state=/, 'state=other-'), (url) => url.replace(/iss=/, 'iss=https%3A%2F%2Fevil.example'), (url) => `${url}&code=code-9`, (url) => `${url}&access_token=access-9`,
  (url) => `${url}&error=access_denied`, (url) => url.replace(/code=/, `code=${'x'.repeat(9_000)}`), (url) => url.replace(/code=[^&]+/, 'error=server_error&error_description=it+broke'),
];

const TOKENS: readonly object[] = [
  { access_token: 7 }, { token_type: 'mac' }, { token_type: undefined }, { expires_in: 'soon' }, { scope: 1 }, { refresh_token: '' }, { id_token: undefined }, { id_token: 'code-1.access-1.refresh-1' }, { error: 'server_error' },
];

const CLAIMS: readonly object[] = [{ iss: 'https://evil.example' }, { aud: 'other' }, { nonce: 'other' }, { exp: 1 }, { sub: '' }, { iat: 'now' }, { at_hash: 'x' }];

/** Has the page make a call, and gives all that its error says: as text, as JSON, by its members, its stack and its causes. */
const said = (app: App, method: string, ...args: unknown[]): Promise<string> => app.page.evaluate(async ([method, args]) => {
  const all = (error: any): string => {
    if (typeof error !== 'object' || error === null) return String(error);
    const members = Object.getOwnPropertyNames(error).filter((name) => name !== 'cause').map((name) => JSON.stringify(error[name]));
    return [JSON.stringify(error), String(error), ...members, error.cause === undefined ? '' : all(error.cause)].join('\n');
  };
  try {
    await kit.clients['main'][method](...args);
    return 'it did not fail';
  } catch (error) {
    return `${error instanceof kit.AuthError} ${all(error)}`;
  }
}, [method, args] as const);

test('C293 errors hold no secret, however they are printed', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource|ERR_/);
  server.refreshes = true;
  await app.open({ scope: 'openid read:x offline_access', timeout: 2_000 });
  const [errors, secrets]: [string[], string[]] = [[], []];
  const failing = async (method: string, ...args: unknown[]) => void errors.push(await said(app, method, ...args));
  const asked = async () => {
    const { url, state } = await app.start();
    const query = new URL(url).searchParams;
    const { codeVerifier } = (await app.transactionRecord(state))!;
    secrets.push(state, query.get('nonce')!, codeVerifier!);
    return url;
  };
  for (const change of CALLBACKS) await failing('handleCallback', change(server.approve(await asked())));
  const { token } = server;
  for (const answer of TOKENS) {
    server.answer = answer as Record<string, unknown>;
    await failing('handleCallback', server.approve(await asked()));
  }
  server.answer = {};
  for (const claims of CLAIMS) {
    server.claims = claims as Record<string, unknown>;
    await failing('handleCallback', server.approve(await asked()));
  }
  server.claims = {};
  for (const script of [({ send }: any) => send(200, 'text/html', 'code-1 access-1'), ({ send }: any) => send(500, undefined, ''), ({ response }: any) => response.destroy()]) {
    server.token = script;
    await failing('handleCallback', server.approve(await asked()));
  }
  server.token = token;
  await app.signIn();
  server.sub = 'eve';
  await failing('handleCallback', server.approve(await app.ask('upgrade', 'write:x')));
  await failing('userInfo');
  await failing('fetch', 'https://evil.example/?access_token=access-1');
  await failing('getAccessToken', { scope: 'write:x' });
  server.token = ({ json }) => json({ error: 'invalid_grant', error_description: 'Used, or unknown.' }, 400);
  await failing('getAccessToken', { forceRefresh: true });
  const text = errors.join('\n');
  expect(errors.filter((one) => !one.startsWith('true '))).toEqual([]);
  expect(errors).toHaveLength(CALLBACKS.length + TOKENS.length + CLAIMS.length + 3 + 5);
  expect(secrets.filter((secret) => secret.length < 43 || text.includes(secret))).toEqual([]);
  expect(text).not.toMatch(/(code|access|refresh)-\d|eyJ/);
});

test('C312 after a sign-out no secret is left in the module’s memory', async ({ app, server }) => {
  const secret = (name: string) => `${name}-${'s3cr3t'.repeat(8)}`;
  await app.page.addInitScript(noteMemory);
  await app.goto();
  server.refreshes = true;
  await app.open({ scope: 'openid read:x offline_access', storage: 'memory' });
  const { url, state } = await app.start();
  const query = new URL(url).searchParams;
  server.answer = { access_token: secret('access'), refresh_token: secret('refresh') };
  const callback = server.approve(url, { code: secret('code') });
  const { token } = server;
  server.token = (exchange) => {
    exchange.form.set('code', 'code-1');
    secrets.push(exchange.form.get('code_verifier')!);
    token(exchange);
  };
  const secrets = [state, query.get('nonce')!, secret('access'), secret('refresh'), secret('code')];
  expect((await app.handle(callback)).value).toMatchObject({ outcome: 'granted' });
  const idToken = (await app.call('idToken')).value as string;
  secrets.push(idToken, idToken.split('.')[1]!);
  /** How many of them are there. */
  const found = () => app.page.evaluate((secrets) => {
    // As Latin-1 every byte is a character.
    const text = new TextDecoder('latin1').decode((globalThis as any).memory.buffer);
    return secrets.map((secret) => text.split(secret).length - 1);
  }, secrets);
  // The search finds what is in use.
  expect((await found()).slice(2, 4).every((count) => count > 0)).toBe(true);
  expect((await app.call('getAccessToken')).value).toBe(secret('access'));
  await app.call('signOut', { local: true });
  expect((await app.call('getAccessToken')).error!.code).toBe('not_signed_in');
  expect(await found()).toEqual(secrets.map(() => 0));
});
