// Pages that change what the platform is made of, before anything else runs there.
import { type App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { landsItself } from '../windows.js';

/** All of a session's life in one page. What it came to is left there, for the test's own tools may not work in such a page. */
const LIFE = async (options: object) => {
  const said: string[] = [];
  (globalThis as any).said = said;
  try {
    await kit.open('main', options);
    const client = kit.clients['main'];
    said.push((await client.signIn({ mode: 'popup' })).outcome, await client.getAccessToken({ forceRefresh: true }));
    said.push((await client.upgrade('write:x', { mode: 'popup' })).outcome, (await client.upgrade('more:x', { mode: 'silent' })).outcome);
    said.push(String(client.hasScope('write:x more:x')), (await client.userInfo()).sub, String((await client.fetch('/app/')).status));
    await client.getAccessToken({ scope: 'nope' }).catch((error: any) => said.push(`${error.name} ${error.code} ${error.missing} ${error instanceof kit.AuthError}`));
    await client.signOut({ local: true });
    client.close();
    said.push('done');
  } catch (error) {
    said.push(`failed: ${error}`);
  }
};

const EXPECTED = ['granted', 'access-2', 'granted', 'granted', 'true', 'ada', '200', 'AuthError missing_scope nope true', 'done'];

/** What that life comes to in a page that a script has changed. */
async function life(app: App, change: string): Promise<unknown> {
  app.server.refreshes = true;
  await landsItself(app.page.context(), app);
  const cdp = await app.page.context().newCDPSession(app.page);
  await cdp.send('Page.enable');
  await cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: change });
  const evaluate = async (expression: string) => (await cdp.send('Runtime.evaluate', { expression, returnByValue: true, userGesture: true })).result.value as unknown;
  await cdp.send('Page.navigate', { url: `${app.origin}/app/` });
  await expect.poll(() => evaluate('typeof kit')).toBe('object');
  await evaluate(`void (${LIFE})(${JSON.stringify(app.options({ scope: 'openid read:x' }))})`);
  await expect.poll(() => evaluate('/done|failed/.test(said.at(-1))')).toBe(true);
  return evaluate('said');
}

test('C314 what is built in and may not be changed by anybody', async ({ app }) => {
  expect(await life(app, `
    for (const one of [Object, Array, Function, Error, TypeError, RangeError, Promise, Map, Set, WeakMap, WeakRef, String, Number, Boolean, Symbol, RegExp, Date,
      ArrayBuffer, Uint8Array, DataView, FinalizationRegistry, Event, EventTarget, AbortController, AbortSignal, Headers, Request, Response, URL, URLSearchParams, Storage]) {
      Object.freeze(one.prototype);
      Object.freeze(one);
    }
    for (const one of [JSON, Math, Reflect, WebAssembly]) Object.freeze(one);`)).toEqual(EXPECTED);
});

test('C314 a Promise of the page’s own, as old polyfills and zones have it', async ({ app }) => {
  expect(await life(app, `
    const Native = Promise;
    const wrapped = (promise) => new Own((resolve) => resolve(promise));
    class Own {
      constructor(start) { this.promise = new Native(start); }
      then(done, failed) { return wrapped(this.promise.then(done, failed)); }
      catch(failed) { return this.then(undefined, failed); }
      finally(ended) { return wrapped(this.promise.finally(ended)); }
      static resolve(value) { return value instanceof Own ? value : new Own((resolve) => resolve(value)); }
      static reject(reason) { return new Own((_, reject) => reject(reason)); }
      static all(all) { return wrapped(Native.all(all)); }
      static race(all) { return wrapped(Native.race(all)); }
      static allSettled(all) { return wrapped(Native.allSettled(all)); }
    }
    globalThis.Promise = Own;`)).toEqual(EXPECTED);
});

test('C313 members of all objects that say what a property, a lock or a message is', async ({ app }) => {
  expect(await life(app, `
    for (const name of ['get', 'set', 'value', 'writable', 'transfer', 'targetOrigin', 'steal', 'ifAvailable', 'durability']) {
      Object.defineProperty(Object.prototype, name, { __proto__: null, value: 'x', configurable: true, writable: true });
    }`)).toEqual(EXPECTED);
});

test('locks that the browser never counts: each call ends all the same', async ({ app }) => {
  app.server.refreshes = true;
  await app.open({ scope: 'openid read:x', timeout: 300 });
  await app.page.evaluate(() => void (LockManager.prototype.query = () => new Promise(() => {})));
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
  // What other tabs made of the refresh token cannot be told.
  expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'timeout', { retryable: true });
  expect((await app.call('getAccessToken')).value).toBe('access-1');
  expect((await app.call('userInfo')).value).toMatchObject({ sub: 'ada' });
  expect(await app.call('signOut', { local: true })).toEqual({});
  expect((await app.session()).signedIn).toBe(false);
});
