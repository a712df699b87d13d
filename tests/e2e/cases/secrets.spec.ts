// What is secret is where it must be and nowhere else, and is gone after the sign-out.
import type { App } from '../app.js';
import { expect, test } from '../fixtures.js';
import { lastShown, misplaced } from '../secrets.js';

/** From now on the page keeps the memory of each instance of the module where the test can look. */
const keepMemory = (app: App): Promise<unknown> => app.page.addInitScript(() => {
  const { instantiate } = WebAssembly;
  const memories: WebAssembly.Memory[] = ((globalThis as any).memories = []);
  WebAssembly.instantiate = (async (module: WebAssembly.Module, imports: WebAssembly.Imports) => {
    const instance = await instantiate(module, imports);
    memories.push(...Object.values(instance.exports).filter((value) => value instanceof WebAssembly.Memory));
    return instance;
  }) as never;
});

/** How often each text is in the module's memory. */
const copies = (app: App, texts: readonly string[]): Promise<number[]> => app.page.evaluate((texts) => {
  const all: string[] = (globalThis as any).memories.map(({ buffer }: WebAssembly.Memory) => new TextDecoder('latin1').decode(buffer));
  return texts.map((text) => all.reduce((sum, memory) => sum + memory.split(text).length - 1, 0));
}, texts);

/** All that the page stores, as text. */
const stored = (app: App): Promise<string> => app.page.evaluate(async () => {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const request = indexedDB.open('scopewise');
    request.onsuccess = () => resolve(request.result);
  });
  const all: unknown[] = [{ ...sessionStorage }, { ...localStorage }];
  for (const name of database.objectStoreNames) all.push(await new Promise((resolve) => {
    const request = database.transaction(name).objectStore(name).getAll();
    request.onsuccess = () => resolve(request.result);
  }));
  database.close();
  return JSON.stringify(all);
});

const STORAGES = ['session', 'local', 'memory', 'indexeddb', 'worker'] as const;

for (const storage of STORAGES) {
  test(`C312 after the sign-out neither storage nor the module's memory holds a secret: storage ${storage}`, async ({ app, server }) => {
    server.refreshes = true;
    const long = (name: string) => `${name}-${'abcdefghijklmnopqrstuvwxyz'.repeat(3)}`;
    const answer = server.token;
    server.token = (exchange) => {
      const { tokens } = exchange;
      server.token = answer;
      exchange.json({ ...tokens, access_token: long('canary-at') });
    };
    await keepMemory(app);
    await app.goto();
    await app.open({ storage, scope: 'openid read:x offline_access' });
    await app.signIn();
    expect((await copies(app, [long('canary-at')]))[0]).toBeGreaterThan(0);
    await app.call('getAccessToken', { forceRefresh: true });
    await app.upgrade('write:x');
    // Where the page has them, and that the search finds them.
    expect(['session', 'local', 'indexeddb'].includes(storage)).toBe((await stored(app)).includes('access-3'));
    await app.call('userInfo');
    await app.page.evaluate(async () => void (await kit.clients['main'].fetch('/app/api')));
    const [first, ...others] = server.requests().map(({ form }) => form);
    expect(others.map((form) => form.get('grant_type'))).toEqual(['refresh_token', 'authorization_code']);
    const codes = server.requests().flatMap(({ form }) => [form.get('code'), form.get('code_verifier')]).filter((text) => text !== null);
    const idToken = (await app.call('idToken')).value!;
    expect(first!.get('code_verifier')).toHaveLength(43);
    expect(await app.call('signOut', { local: true })).toEqual({});
    const secrets = [long('canary-at'), 'access-2', 'access-3', 'refresh-1', 'refresh-2', 'refresh-3', ...codes, ...idToken.split('.').slice(0, 2)];
    const found = await copies(app, secrets);
    expect(Object.fromEntries(secrets.map((secret, at) => [secret, found[at]]).filter(([, count]) => count))).toEqual({});
    const kept = await stored(app);
    expect(secrets.filter((secret) => kept.includes(secret))).toEqual([]);
  });
}

test('C292 C293 C297 a secret in any place where it does not belong is found', async ({ app, server, page, secrets, shown, mayShow, mayLog }) => {
  mayShow(/ in /);
  mayLog(/console|page error/);
  server.refreshes = true;
  await app.open({ scope: 'openid read:x offline_access' });
  await app.signIn();
  expect(misplaced(secrets, shown)).toEqual([]);
  const kinds = [...secrets.values()];
  expect([...kinds].sort()).toEqual(['ID token', 'access token', 'code', 'nonce', 'refresh token', 'state', 'verifier']);
  const places = ['console', 'page error', 'what an error says', 'title', 'history.state', 'URL', 'message'] as const;
  for (const [secret, kind] of secrets) {
    await page.evaluate(async (secret) => {
      console.log(`told: ${secret}`);
      setTimeout(() => { throw new Error(secret); });
      await kit.settle(() => { throw new Error('other words', { cause: new Error(secret) }); });
      document.title = secret;
      history.replaceState({ secret }, '');
      await fetch(`/app/?x=${encodeURIComponent(secret)}`);
      new BroadcastChannel('x').postMessage({ secret });
      postMessage([secret], '*');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }, secret);
    const now = [...shown, ...await lastShown(page)];
    const found = misplaced(new Map([[secret, kind]]), now).map((line) => line.replace(/:.*/s, ''));
    const inUrls = ['state', 'nonce', 'code'].includes(kind);
    expect([...new Set(found)].sort(), kind).toEqual(places.filter((place) => place !== 'URL' || !inUrls).map((place) => `${kind} in ${place}`).sort());
  }
});
