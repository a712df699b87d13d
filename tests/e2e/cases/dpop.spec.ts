// Tokens that are bound to a key (RFC 9449), with the browser's own keys and signatures.
import { expectFailure } from '../app.js';
import { call, refusal, signedIn, test } from '../api.js';
import { expect } from '../fixtures.js';
import { binds, proofOf } from '../proofs.js';
import type { App } from '../app.js';

/** The private keys that a page can get at in IndexedDB. */
const storedKeys = (app: App) => app.page.evaluate(async () => {
  const names = (await indexedDB.databases()).map(({ name }) => name);
  if (!names.includes('scopewise')) return [];
  const opened = await new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open('scopewise');
    request.onsuccess = () => resolve(request.result);
    request.onerror = reject;
  });
  const pairs = await new Promise<Array<Partial<CryptoKeyPair>>>((resolve) => {
    const request = opened.transaction('scopewise').objectStore('scopewise').getAll();
    request.onsuccess = () => resolve(request.result);
  });
  opened.close();
  const keys = pairs.flatMap(({ privateKey }) => (privateKey instanceof CryptoKey ? [privateKey] : []));
  const taken = await Promise.allSettled(keys.map((key) => crypto.subtle.exportKey('jwk', key)));
  return keys.map(({ type, extractable }, at) => ({ type, extractable, taken: taken[at]!.status }));
});

test('C246 the key is in IndexedDB and cannot be taken out of it', async ({ app, server }) => {
  const proofs = binds(server);
  await app.open({ dpop: true });
  await app.signIn();
  expect(await storedKeys(app)).toEqual([{ type: 'private', extractable: false, taken: 'rejected' }]);
  // It outlives the page.
  await app.goto();
  await app.open({ dpop: true });
  await app.signIn();
  expect(proofs).toHaveLength(2);
  expect(proofs[1]!.key).toBe(proofs[0]!.key);
  expect(new Set(proofs.map(({ claims }) => claims.jti)).size).toBe(2);
});

test('C242 C244 an API gets the token with a proof for this URL and token', async ({ app, server, api }) => {
  const proofs = binds(server);
  await signedIn(app, { [api.origin]: {} }, { dpop: true });
  const { key } = proofs[0]!;
  const spelled = api.origin.replace('http://127', 'HTTP://127');
  for (const [path, htu] of [['/a?b=c#d', '/a'], ['/x/../a/./b', '/a/b'], ['/caf\u00e9', '/caf%C3%A9']] as const) {
    expect((await call(app, `${spelled}${path}`, { method: 'PUT', body: 'x' })).value).toMatchObject({ status: 200 });
    const { headers } = api.received.at(-1)!;
    expect(headers.authorization).toBe('DPoP access-1');
    expect((await proofOf(headers, 'PUT', `${api.origin}${htu}`)).key).toBe(key);
  }
});

test('C237 C240 nonces of the server and of the API, each asked for once', async ({ app, server, api }) => {
  const proofs = binds(server);
  const bound = server.token;
  server.token = async (exchange) => {
    const { claims } = await proofOf(exchange.headers, 'POST', `${server.issuer}/token`);
    if (claims['nonce'] === 'server') return bound(exchange);
    exchange.json({ error: 'use_dpop_nonce' }, 400, { 'dpop-nonce': 'server' });
  };
  api.answer = async ({ headers, method, path }) => {
    const { claims } = await proofOf(headers, method, `${api.origin}${path}`);
    const asks = refusal('DPoP error="use_dpop_nonce"', 401);
    return claims['nonce'] === 'api' ? { body: 'done' } : { ...asks, headers: { ...asks.headers, 'dpop-nonce': 'api' } };
  };
  await signedIn(app, { [api.origin]: {} }, { dpop: true });
  expect(server.requests()).toHaveLength(2);
  expect(proofs).toHaveLength(1);
  for (let n = 0; n < 2; n += 1) expect((await call(app, `${api.origin}/a`, { method: 'POST', body: 'x' })).value).toEqual({ status: 200, body: 'done' });
  expect(api.received.map(({ body }) => body)).toEqual(['x', 'x', 'x']);
  expect((await app.call('userInfo')).value).toMatchObject({ sub: 'ada' });
  const asked = server.requests('/userinfo')[0]!;
  expect(asked.headers.authorization).toBe('DPoP access-2');
  expect((await proofOf(asked.headers, 'GET', `${server.issuer}/userinfo`)).claims['nonce']).toBe('server');
});

test('C250 a redirect is not followed with a proof', async ({ app, server, api, stranger }) => {
  binds(server);
  await signedIn(app, { [api.origin]: {} }, { dpop: true });
  for (const target of [`${stranger.origin}/x`, `${api.origin}/other`]) {
    api.answer = ({ path }) => (path === '/a' ? { status: 307, headers: { location: target } } : {});
    expectFailure(await call(app, `${api.origin}/a`), 'untrusted_origin');
  }
  expect(api.received.map(({ path }) => path)).toEqual(['/a', '/a']);
  expect(stranger.received).toEqual([]);
});

test('C252 C212 without its key a session has ended, and a new sign-in makes another', async ({ app, server, api }) => {
  const proofs = binds(server);
  await signedIn(app, { [api.origin]: {} }, { dpop: true, storage: 'local' });
  await app.goto();
  await app.page.evaluate(() => new Promise((resolve) => { indexedDB.deleteDatabase('scopewise').onsuccess = resolve; }));
  await app.open({ dpop: true, storage: 'local', scope: 'openid read:x', apis: { [api.origin]: {} } });
  expectFailure(await app.call('getAccessToken', { minValidity: 0 }), 'login_required');
  expectFailure(await call(app, `${api.origin}/a`), 'login_required');
  expect(await app.session()).toMatchObject({ signedIn: true, expired: true, claims: { sub: 'ada' } });
  expect(api.received).toEqual([]);
  await app.signIn();
  expect((await call(app, `${api.origin}/a`)).value).toMatchObject({ status: 200 });
  expect(new Set(proofs.map(({ key }) => key)).size).toBe(2);
});

test('C200 without IndexedDB the key is in the memory of the page', async ({ app, server, api }) => {
  const proofs = binds(server);
  await app.page.addInitScript(() => Object.defineProperty(globalThis, 'indexedDB', { get() { throw new DOMException('no', 'SecurityError'); } }));
  await app.goto();
  await signedIn(app, { [api.origin]: {} }, { dpop: true });
  expect((await call(app, `${api.origin}/a`)).value).toMatchObject({ status: 200 });
  expect((await proofOf(api.received[0]!.headers, 'GET', `${api.origin}/a`)).key).toBe(proofs[0]!.key);
});

test('C248 two tabs make one key', async ({ app, server, context }) => {
  const proofs = binds(server);
  const other = await app.in(await context.newPage()).goto();
  await Promise.all([app, other].map(async (one) => (await one.open({ dpop: true })).call('prepare')));
  for (const one of [app, other]) await one.signIn();
  expect(proofs[0]!.key).toBe(proofs[1]!.key);
});

test('with storage worker the key and the refresh token are in the worker, and other tabs use them there', async ({ app, server, api, context }) => {
  const proofs = binds(server);
  server.refreshes = true;
  const options = { dpop: true, storage: 'worker', scope: 'openid read:x', apis: { [api.origin]: {} } } as const;
  await app.open(options);
  await app.signIn();
  expect(await storedKeys(app)).toEqual([]);
  const other = await app.in(await context.newPage()).goto();
  await other.open(options);
  for (const one of [app, other]) {
    expect((await call(one, `${api.origin}/a`)).value).toMatchObject({ status: 200 });
    expect((await one.call('getAccessToken', { forceRefresh: true })).error).toBeUndefined();
  }
  expect(new Set(proofs.map(({ key }) => key)).size).toBe(1);
  for (const { headers } of api.received) expect((await proofOf(headers, 'GET', `${api.origin}/a`)).key).toBe(proofs[0]!.key);
  // Without the worker that has them they are of no use to anybody.
  await app.page.close();
  expectFailure(await call(other, `${api.origin}/a`), 'login_required');
});

test('with storage worker nobody waits for a client that is closed while its worker signs', async ({ app, server }) => {
  binds(server);
  server.refreshes = true;
  await app.open({ dpop: true, storage: 'worker', scope: 'openid read:x', timeout: 600_000 });
  await app.signIn();
  const told = await app.page.evaluate(async (name) => {
    const client = kit.clients[name];
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (message, options: any) {
      postMessage.call(this, message, options);
      if (message.task && 'sign' in message.task) client.close();
    };
    return client.getAccessToken({ forceRefresh: true }).catch(({ code }: { code: string }) => code);
  }, app.name);
  expect(told).toBe('aborted');
  const held = () => app.page.evaluate(async () => (await navigator.locks.query()).held!.map(({ name }) => name!).filter((name) => name.endsWith('refresh')));
  await expect.poll(held).toEqual([]);
});

test('applications that send by themselves get proofs', async ({ app, server, api }) => {
  binds(server);
  await signedIn(app, { [api.origin]: {} }, { dpop: true });
  const prove = (...args: unknown[]) => app.call('dpopProof', ...(args as [string]));
  const authorization = 'DPoP access-1';
  for (const [args, method, nonce] of [[[`${api.origin}/a?b`], 'GET'], [[`${api.origin}/a`, 'POST', { nonce: 'n', accessToken: 'access-1' }], 'POST', 'n']] as const) {
    const { value } = await prove(...args);
    expect((await proofOf({ dpop: value, authorization }, method, `${api.origin}/a`)).claims['nonce']).toBe(nonce);
  }
  expectFailure(await prove('https://elsewhere.example/'), 'untrusted_origin');
  expectFailure(await prove(`${api.origin}/a`, 'GET', { nonce: 1 }), 'invalid_options');
  expectFailure(await prove(`${api.origin}/a`, 1), 'invalid_options');
});

test('a server that answers with Bearer signs nobody in', async ({ app, server }) => {
  await app.open({ dpop: true });
  const { url } = await app.start();
  expectFailure(await app.handle(server.approve(url)), 'token_type_unsupported');
  expect(await app.session()).toMatchObject({ signedIn: false });
});

test('signatures that the browser does not make in time: each call ends, nothing is sent, and the session stays', async ({ app, server, api }) => {
  binds(server);
  server.refreshes = true;
  await signedIn(app, { [api.origin]: {} }, { dpop: true, timeout: 300 });
  await app.page.evaluate(() => void (SubtleCrypto.prototype.sign = () => new Promise(() => {})));
  expectFailure(await call(app, api.origin), 'timeout', { retryable: true });
  expectFailure(await app.call('userInfo'), 'network');
  expect([api.received.length, server.requests().length]).toEqual([0, 1]);
  await app.goto();
  await app.open({ dpop: true, scope: 'openid read:x', apis: { [api.origin]: {} } });
  expect((await call(app, api.origin)).value).toMatchObject({ status: 200 });
});

test('C246 a browser that keeps no keys: the key lives as long as the page, and nothing is reported', async ({ app, server }) => {
  const proofs = binds(server);
  await app.page.evaluate(() => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (value, key) {
      if (value?.privateKey) throw new DOMException('no keys', 'DataCloneError');
      return put.call(this, value, key);
    };
  });
  await app.open({ dpop: true });
  await app.signIn();
  await app.signIn();
  expect(proofs.map(({ key }) => key)).toEqual([proofs[0]!.key, proofs[0]!.key]);
  expect(await storedKeys(app)).toEqual([]);
});

for (const what of ['opening it', 'a read']) {
  test(`C246 the key is found where the database fails once: ${what}`, async ({ app, server, api }) => {
    const proofs = binds(server);
    await signedIn(app, { [api.origin]: {} }, { dpop: true });
    await app.page.addInitScript((failing) => {
      const prototype: any = failing === 'a read' ? IDBObjectStore.prototype : IDBFactory.prototype;
      const name = failing === 'a read' ? 'get' : 'open';
      const own = prototype[name];
      prototype[name] = () => {
        prototype[name] = own;
        throw new DOMException('Connection to Indexed Database server lost', 'UnknownError');
      };
    }, what);
    await app.goto();
    await app.open({ dpop: true, scope: 'openid read:x', apis: { [api.origin]: {} } });
    expect((await call(app, `${api.origin}/a`)).value).toMatchObject({ status: 200 });
    expect((await proofOf(api.received[0]!.headers, 'GET', `${api.origin}/a`)).key).toBe(proofs[0]!.key);
  });
}
