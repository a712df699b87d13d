// Any one call of the platform's that fails while a token is renewed: the client's call ends, typed, and nothing is lost or sent twice.
import type { App } from '../app.js';
import { expect, test } from '../fixtures.js';
import { binds } from '../proofs.js';

const WAYS = ['throws', 'rejects', 'never settles'] as const;
type Way = (typeof WAYS)[number];

/** What is called, and how it may fail. */
const CALLS: readonly [owner: string, name: string, ways: readonly Way[]][] = [
  ['Storage.prototype', 'getItem', ['throws']],
  ['Storage.prototype', 'setItem', ['throws']],
  ['LockManager.prototype', 'request', ['throws', 'rejects']],
  ['LockManager.prototype', 'query', ['throws', 'rejects', 'never settles']],
  ['BroadcastChannel.prototype', 'postMessage', ['throws']],
  ['IDBObjectStore.prototype', 'get', ['throws']],
  ['SubtleCrypto.prototype', 'sign', ['throws', 'rejects', 'never settles']],
  ['globalThis', 'fetch', ['throws', 'rejects', 'never settles']],
  ['ReadableStreamDefaultReader.prototype', 'read', ['rejects', 'never settles']],
];

/** From now on the call of that number fails, and no other. `mend` in the page ends that, and says how many there were. */
function failAt(app: App, owner: string, name: string, number: number, way: Way): Promise<void> {
  return app.page.evaluate(([owner, name, number, way]) => {
    const object = owner.split('.').reduce((at: any, member) => at[member], globalThis);
    const original = object[name];
    let made = 0;
    object[name] = function (...args: unknown[]) {
      made += 1;
      if (made !== number) return original.apply(this, args);
      const error = new DOMException('not now', 'InvalidStateError');
      if (way === 'throws') throw error;
      return way === 'rejects' ? Promise.reject(error) : new Promise(() => {});
    };
    (globalThis as any).mend = () => {
      object[name] = original;
      return made;
    };
  }, [owner, name, number, way] as const);
}

const renew = (app: App) => app.call('getAccessToken', { forceRefresh: true });

for (const [owner, name, ways] of CALLS) {
  test(`a call of ${name} that fails, whichever it is`, async ({ app, server }) => {
    binds(server);
    server.refreshes = true;
    const options = { scope: 'openid read:x offline_access', dpop: true, timeout: 1000 };
    await app.open(options);
    await app.signIn();
    for (const way of ways) {
      for (let number = 1, made = 1; number <= made; number += 1) {
        const which = `call ${number} ${way}`;
        await app.goto();
        await app.open(options);
        expect((await app.session()).signedIn, `before ${which}`).toBe(true);
        await failAt(app, owner, name, number, way);
        const { value, error } = await renew(app);
        made = await app.page.evaluate(() => (globalThis as any).mend());
        if (error) expect(error, which).toMatchObject({ isAuthError: true, code: expect.stringMatching(/^(network|timeout|token_response_lost)$/) });
        else expect(value, which).toMatch(/^access-/);
        expect(await app.session(), which).toMatchObject({ signedIn: true, claims: { sub: 'ada' } });
        await app.signIn();
        expect((await renew(app)).value, `after ${which}`).toMatch(/^access-/);
      }
    }
    const sent = server.requests().flatMap(({ form }) => [form.get('code'), form.get('refresh_token')]).filter((secret) => secret !== null);
    expect(new Set(sent).size).toBe(sent.length);
  });
}
