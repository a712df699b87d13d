// Storage in IndexedDB: there, gone, blocked, damaged, or without an answer.
import { type App, expectFailure } from '../app.js';
import { test } from '../api.js';
import { expect } from '../fixtures.js';
import { damageSession, foreignRecord, newerRecord } from '../records.js';
import { refreshes, renewable, tab, token } from '../renewing.js';
import { noteTimers, waits } from '../timers.js';

const storage = 'indexeddb';
/** How long its answers may take. */
const TIMEOUT = 2000;

const remove = (app: App) => app.page.evaluate(() => new Promise<string>((resolve) => {
  const removing = indexedDB.deleteDatabase('scopewise');
  removing.onsuccess = () => resolve('gone');
  removing.onblocked = () => resolve('blocked');
  removing.onerror = () => resolve('failed');
}));

test('a session in IndexedDB outlives the page and the tab, and is nowhere else', async ({ app }) => {
  await app.open({ storage });
  await app.signIn();
  expect(await app.session()).toMatchObject({ signedIn: true, persisted: true });
  expect(Object.keys(await app.records(storage))).toEqual([expect.stringMatching(/:session$/)]);
  expect(JSON.stringify([await app.records(), await app.records('local')])).not.toMatch(/access-1|eyJ/);
  const before = await app.session();
  const other = await tab(app, { storage });
  await app.page.close();
  expect(await other.session()).toEqual(before);
  expect(await token(other)).toBe('access-1');
  await other.call('signOut', { local: true });
  expect(await other.records(storage)).toEqual({});
});

for (const [how, script] of Object.entries<() => void>({
  'is not there': () => void Object.defineProperty(window, 'indexedDB', { value: undefined }),
  'may not be touched': () => void Object.defineProperty(window, 'indexedDB', { get: () => { throw new DOMException('denied', 'SecurityError'); } }),
  'throws': () => void (IDBFactory.prototype.open = () => { throw new DOMException('denied', 'SecurityError'); }),
  'fails to open, as in a private window': () => {
    IDBFactory.prototype.open = () => {
      const request = { error: new DOMException('A mutation operation was attempted', 'InvalidStateError') } as any;
      setTimeout(() => request.onerror());
      return request;
    };
  },
  'is blocked': () => {
    IDBFactory.prototype.open = () => {
      const request = { error: null } as any;
      setTimeout(() => request.onblocked());
      return request;
    };
  },
  'never answers': () => void (IDBFactory.prototype.open = () => ({}) as any),
  'takes nothing': () => void (IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); }),
  'aborts what is written': () => {
    const { put } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args) {
      setTimeout(() => this.transaction.abort());
      for (let i = 0; i < 200; i += 1) put.apply(this, args);
      return put.apply(this, args);
    };
  },
})) {
  test(`C200 C198 IndexedDB that ${how}: the session lives in memory, and says so`, async ({ app, page }) => {
    await page.addInitScript(noteTimers);
    await page.addInitScript(script);
    await app.goto();
    await app.open({ storage, timeout: TIMEOUT });
    expect((await app.session()).signedIn).toBe(false);
    expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
    expect(await app.session()).toMatchObject({ signedIn: true, persisted: false });
    expect(await token(app)).toBe('access-1');
    expect(await app.call('signOut', { local: true })).toEqual({});
    expect((await app.session()).signedIn).toBe(false);
    expectFailure(await app.call('getAccessToken'), 'not_signed_in');
    // A use each: opening, the request, the code, the session, its token and the end.
    const waited = await waits(app);
    expect(waited.length).toBeLessThanOrEqual(6);
    expect(Math.max(0, ...waited)).toBeLessThanOrEqual(TIMEOUT);
    await app.goto();
    await app.open({ storage, timeout: TIMEOUT });
    expect((await app.session()).signedIn).toBe(false);
  });
}

test('C200 C208 a database that is deleted in the middle: nobody waits for it, and the next use finds nobody signed in', async ({ app, server }) => {
  await renewable(app, 3600, { storage });
  expect(await remove(app)).toBe('gone');
  expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'not_signed_in');
  expect((await app.session()).signedIn).toBe(false);
  expect(refreshes(app)).toHaveLength(0);
  expect(server.requests()).toHaveLength(1);
  await app.signIn();
  expect(await app.session()).toMatchObject({ signedIn: true, persisted: true });
  expect(Object.keys(await app.records(storage))).toHaveLength(1);
});

test('C200 a database that somebody else made of another kind or version', async ({ app, page }) => {
  for (const version of [1, 7]) {
    await app.goto();
    await page.evaluate((version) => new Promise<void>((resolve) => {
      indexedDB.deleteDatabase('scopewise').onsuccess = () => {
        const opening = indexedDB.open('scopewise', version);
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
      };
    }), version);
    await app.open({ storage, timeout: 1000 });
    await app.signIn();
    expect(await app.session()).toMatchObject({ signedIn: true, persisted: false });
    expect(await token(app)).toMatch(/^access-/);
    await app.call('signOut', { local: true });
  }
});

test('C200 a newer version of the page wants the database: this one lets go', async ({ app }) => {
  await app.open({ storage });
  await app.signIn();
  const upgraded = await app.page.evaluate(() => new Promise<string>((resolve) => {
    const opening = indexedDB.open('scopewise', 2);
    opening.onblocked = () => resolve('blocked');
    opening.onsuccess = () => {
      opening.result.close();
      resolve('opened');
    };
  }));
  expect(upgraded).toBe('opened');
  // What the page has it can use; from now on it keeps sessions for itself.
  expect(await token(app)).toBe('access-1');
  expect(await app.call('signOut', { local: true })).toEqual({});
  expect((await app.session()).signedIn).toBe(false);
});

for (const [id, what, value] of [
  ['C201', 'undefined', 'undefined'],
  ['C201', 'JSON of somebody else', foreignRecord()],
  ['C201', 'nothing', ''],
  ['C202', 'a number', 7],
  ['C202', 'an object', { access_token: 'x', expires_at: 'soon' }],
  ['C202', 'null', null],
] as const) {
  test(`${id} ${what} in place of the session in IndexedDB: signed out`, async ({ app }) => {
    await app.open({ storage });
    await app.signIn();
    await damageSession(app.page, () => value, storage);
    await app.goto();
    await app.open({ storage });
    expect(await app.session()).toMatchObject({ signedIn: false, granted: [], claims: null });
    expectFailure(await app.call('getAccessToken'), 'not_signed_in');
    expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
    expect(await app.session()).toMatchObject({ signedIn: true, persisted: true });
  });
}

test('C205 the record of a later version in IndexedDB is not read, and not deleted', async ({ app }) => {
  await app.open({ storage });
  await app.signIn();
  const later = await damageSession(app.page, newerRecord, storage);
  await app.goto();
  await app.open({ storage });
  expect((await app.session()).signedIn).toBe(false);
  expect(Object.values(await app.records(storage))).toEqual([later]);
});

test('C206 clients with similar names have nothing in common in IndexedDB', async ({ app }) => {
  const other = app.as('other');
  await app.open({ storage });
  await other.open({ storage, clientId: 'app2' });
  await app.signIn();
  await other.signIn();
  await app.call('signOut', { local: true });
  expect((await other.session()).signedIn).toBe(true);
  await app.goto();
  await app.open({ storage });
  await other.open({ storage, clientId: 'app2' });
  expect((await app.session()).signedIn).toBe(false);
  expect((await other.session()).signedIn).toBe(true);
});

test('C222 a rotated refresh token is in IndexedDB before the caller has its access token', async ({ app }) => {
  await renewable(app, 3600, { storage });
  await token(app, { forceRefresh: true });
  const record = await app.sessionText(storage);
  expect(record).toContain('refresh-2');
  expect(record).not.toContain('refresh-1');
});

test('I3 a refresh that could not begin leaves nothing to be written later, when others have signed out', async ({ app, server }) => {
  const more = { storage, metadata: undefined, issuer: server.issuer } as const;
  await app.open({ storage });
  server.refreshes = true;
  await app.open({ scope: 'openid read:x offline_access', ...more });
  await app.call('prepare');
  await app.signIn();
  await app.goto();
  server.discovery = ({ send }) => send(404, undefined, '');
  await app.open({ scope: 'openid read:x offline_access', ...more });
  expect((await app.call('getAccessToken', { forceRefresh: true })).error).toMatchObject({ code: 'http', status: 404 });
  expect((await app.sessionRecord(storage))!.grants.map(({ refresh }) => refresh)).toEqual([undefined]);
  const other = await tab(app, { storage });
  await other.call('signOut', { local: true });
  await app.call('getAccessToken', { forceRefresh: true });
  await app.goto();
  await app.open({ storage });
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.records(storage)).toEqual({});
});
