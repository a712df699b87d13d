// Storage that is full, blocked, damaged, of another version, or the application's own.
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { damageSession, emptyAccessToken, foreignRecord, newerRecord, truncatedClaims, truncatedRecord, unsoundTime, unsoundVersion } from '../records.js';
import { noteTimers, waits } from '../timers.js';

/** From now on the page's storage refuses keys that end so. */
function refuse(app: App, end: string) {
  return app.page.evaluate((end) => {
    const setItem = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, text) {
      if (new RegExp(end).test(key)) throw new DOMException('full', 'QuotaExceededError');
      setItem.call(this, key, text);
    };
  }, end);
}

test('C197 no room for the request: an error before the page is left', async ({ app, server }) => {
  await app.open();
  await refuse(app, ':tx:');
  expectFailure(await app.call('signIn'), 'storage_unavailable');
  expect(app.page.url()).toBe(`${app.origin}/app/`);
  expect(server.received).toEqual([]);
});

for (const how of ['is not there', 'throws'] as const) {
  test(`C197 storage ${how}: a redirect is refused, the rest goes on in memory`, async ({ app, server, page }) => {
    await page.addInitScript((how) => {
      const get = how === 'throws' ? () => { throw new DOMException('denied', 'SecurityError'); } : () => null;
      Object.defineProperty(window, 'sessionStorage', { get });
    }, how);
    await app.goto();
    await app.open();
    expectFailure(await app.call('signIn'), 'storage_unavailable');
    expect(app.page.url()).toBe(`${app.origin}/app/`);
    expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
    expect(await app.session()).toMatchObject({ signedIn: true, persisted: false });
    expect((await app.call('getAccessToken')).value).toBe('access-1');
    expect(server.requests()).toHaveLength(1);
  });
}

for (const storage of ['session', 'local'] as const) {
  test(`storage ${storage} that may not be touched any more: the session stays, in memory, and can be ended`, async ({ app, server }) => {
    server.refreshes = true;
    await app.open({ storage, scope: 'openid read:x offline_access' });
    await app.signIn();
    const before = await app.session();
    await app.page.evaluate(() => {
      const denied = () => { throw new DOMException('denied', 'SecurityError'); };
      for (const name of ['getItem', 'setItem', 'removeItem', 'key'] as const) Storage.prototype[name] = denied;
    });
    expect((await app.call('userInfo')).value).toMatchObject({ sub: 'ada' });
    expect(await app.session()).toEqual(before);
    for (const token of ['access-2', 'access-3']) expect((await app.call('getAccessToken', { forceRefresh: true })).value).toBe(token);
    expect(await app.session()).toMatchObject({ signedIn: true, persisted: false });
    expect(await app.call('signOut', { local: true })).toEqual({});
    expect((await app.session()).signedIn).toBe(false);
  });
}

test('C198 no room for the tokens: the session lives in memory, and says so', async ({ app }) => {
  await app.open();
  const { url } = await app.start();
  await refuse(app, ':session$');
  await app.page.evaluate(() => {
    const heard: boolean[] = ((globalThis as any).heard = []);
    const client = kit.clients['main'];
    client.subscribe(() => heard.push(client.session.persisted));
  });
  expect((await app.handle(app.server.approve(url))).value).toMatchObject({ outcome: 'granted' });
  expect(await app.session()).toMatchObject({ signedIn: true, persisted: false });
  expect(await app.page.evaluate(() => (globalThis as any).heard)).toEqual([false]);
  expect((await app.call('getAccessToken')).value).toBe('access-1');
  expect(await app.sessionText()).toBeUndefined();
});

for (const storage of ['session', 'local'] as const) {
  test(`C197 C198 storage "${storage}" that takes all and keeps nothing is none`, async ({ app, page }) => {
    await page.addInitScript(() => { Storage.prototype.setItem = () => {}; });
    await app.goto();
    await app.open({ storage });
    expectFailure(await app.call('signIn'), 'storage_unavailable');
    expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
    expect(await app.session()).toMatchObject({ signedIn: true, persisted: false });
    expect((await app.call('getAccessToken')).value).toBe('access-1');
  });
}

/** Puts a text where the session's record is, and loads the page again. */
async function damage(app: App, change: (text: string) => string): Promise<string> {
  const text = await damageSession(app.page, change);
  await app.goto();
  await app.open();
  return text;
}

const DAMAGED: readonly (readonly [id: string, what: string, change: (text: string) => string])[] = [
  ['C201', 'undefined', () => 'undefined'],
  ['C201', 'null', () => 'null'],
  ['C201', 'a number', () => '7'],
  ['C201', 'a list', () => '[]'],
  ['C201', 'JSON of somebody else', foreignRecord],
  ['C201', 'half a record', truncatedRecord],
  ['C201', 'half of the claims', truncatedClaims],
  ['C202', 'a time that is no number', unsoundTime],
  ['C202', 'a version that is no number', unsoundVersion],
  ['C202', 'an empty access token', emptyAccessToken],
];

for (const [id, what, change] of DAMAGED) {
  test(`${id} ${what} in place of the session: signed out, and the record goes`, async ({ app }) => {
    await app.open();
    await app.signIn();
    const before = Object.values(await app.records());
    expect(before).not.toContain(await damage(app, change));
    expect(await app.session()).toMatchObject({ signedIn: false, granted: [], claims: null });
    expect(await app.sessionText()).toBeUndefined();
    expectFailure(await app.call('getAccessToken'), 'not_signed_in');
    expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
  });
}

test('C205 the record of a later version is not read, and not deleted', async ({ app }) => {
  await app.open();
  await app.signIn();
  const later = await damage(app, newerRecord);
  expect((await app.session()).signedIn).toBe(false);
  expect((await app.records())[(await app.keys(':session'))[0]!]).toBe(later);
});

test('C206 clients with similar names have nothing in common', async ({ app }) => {
  const other = app.as('other');
  await app.open();
  await other.open({ clientId: 'app2' });
  await app.signIn();
  await other.signIn();
  await app.call('signOut', { local: true });
  expect((await app.session()).signedIn).toBe(false);
  expect((await other.session()).signedIn).toBe(true);
  await app.goto();
  await other.open({ clientId: 'app2' });
  expect((await other.session()).signedIn).toBe(true);
  expect((await app.keys(':app:session'))).toEqual([]);
});

test('storage "local" is shared by tabs and outlives them', async ({ app, context, server }) => {
  await app.open({ storage: 'local' });
  await app.signIn();
  expect(await app.keys(':session', 'local')).toHaveLength(1);
  expect(await app.records()).toEqual({});
  const later = await new App(await context.newPage(), app.origin, server).goto();
  await app.page.close();
  await later.open({ storage: 'local' });
  expect(await later.session()).toMatchObject({ signedIn: true, persisted: true });
});

test('storage "memory" keeps tokens off the disk', async ({ app }) => {
  await app.open({ storage: 'memory' });
  await app.signIn();
  expect((await app.session()).signedIn).toBe(true);
  const stored = JSON.stringify([await app.records(), await app.records('local')]);
  expect(stored).not.toMatch(/access-1|eyJ/);
  await app.goto();
  await app.open({ storage: 'memory' });
  expect((await app.session()).signedIn).toBe(false);
});

/** Opens a client with the application's own storage, which behaves as told. Functions cannot cross to the page. */
function openWithAdapter(app: App, behaviour: 'slow' | 'throwing' | 'stuck' | 'rubbish', more: object = {}) {
  return app.page.evaluate(([behaviour, options]) => {
    const entries: Map<string, string> = ((globalThis as any).entries ??= new Map());
    const pause = () => new Promise((resolve) => setTimeout(resolve, 20));
    const adapters = {
      slow: {
        getItem: async (key: string) => { await pause(); return entries.get(key) ?? null; },
        setItem: async (key: string, text: string) => { await pause(); entries.set(key, text); },
        removeItem: async (key: string) => { await pause(); entries.delete(key); },
      },
      throwing: { getItem: () => { throw new Error('no'); }, setItem: async () => { throw new Error('no'); }, removeItem: () => { throw new Error('no'); } },
      stuck: { getItem: () => new Promise(() => {}), setItem: () => new Promise(() => {}), removeItem: () => new Promise(() => {}) },
      rubbish: { getItem: () => ({ then: 'no' }), setItem: () => 7, removeItem: () => null },
    };
    return kit.open('main', { ...options, storage: adapters[behaviour] });
  }, [behaviour, app.options(more)] as const);
}

test('storage of one’s own may take its time', async ({ app }) => {
  expect(await openWithAdapter(app, 'slow')).toEqual({});
  await app.signIn();
  expect(await app.session()).toMatchObject({ signedIn: true, persisted: true });
  expect(await app.page.evaluate(() => [...(globalThis as any).entries.keys()].some((key) => key.endsWith(':session')))).toBe(true);
  expect(await app.sessionText()).toBeUndefined();
  expect(await openWithAdapter(app, 'slow')).toEqual({});
  expect((await app.session()).signedIn).toBe(true);
  await app.call('signOut', { local: true });
  expect(await app.page.evaluate(() => (globalThis as any).entries.size)).toBe(0);
});

for (const behaviour of ['throwing', 'stuck', 'rubbish'] as const) {
  test(`C308 storage of one’s own that is ${behaviour} does not stop a sign-in`, async ({ app }) => {
    expect(await openWithAdapter(app, behaviour, { timeout: 1500 })).toEqual({});
    expect((await app.session()).signedIn).toBe(false);
    expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
    expect(await app.session()).toMatchObject({ signedIn: true, persisted: behaviour === 'rubbish' });
    expect((await app.call('getAccessToken')).value).toBe('access-1');
    expect(await app.call('signOut', { local: true })).toEqual({});
    expect((await app.session()).signedIn).toBe(false);
  });
}

test('storage that is no storage is named', async ({ app }) => {
  for (const storage of ['disk', 7, {}, { getItem: 1 }, null]) {
    const answer = await app.tryOpen({ storage: storage as never });
    expectFailure(answer, 'invalid_options');
    expect(answer.error!.message).toMatch(/storage/);
  }
});

test('C228 storage "local", and a clock that was put back: nobody waits for numbers of a time to come', async ({ app, server, context }) => {
  server.refreshes = true;
  await app.open({ storage: 'local', scope: 'openid offline_access' });
  await app.page.evaluate(() => {
    const now = Date.now;
    Date.now = () => now() + 3_600_000;
  });
  await app.signIn();
  await app.call('signOut', { local: true });
  const other = await new App(await context.newPage(), app.origin, server).goto();
  await other.open({ storage: 'local', scope: 'openid offline_access' });
  await other.signIn();
  await other.page.evaluate(noteTimers);
  expect((await other.call('getAccessToken', { forceRefresh: true })).value).toBe('access-3');
  expect(await waits(other)).toEqual([]);
});
