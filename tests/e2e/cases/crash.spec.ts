// A page that dies, or is refused, at any one of its writes: the session is the one before or the one after, whole, or none.
import type { App } from '../app.js';
import { expect, test } from '../fixtures.js';
import { noteTimers, waits } from '../timers.js';

const STORAGES = ['session', 'local', 'indexeddb'] as const;
/** From its write of that number on the page writes nothing any more, as if it were gone; or just that one fails. */
const ENDS = ['dies', 'is refused'] as const;

const SCOPE = 'openid read:x offline_access';
const NOBODY = { sub: undefined, granted: [], token: 'not_signed_in' };

/** What the application does, and the sessions that may be there afterwards besides the one before. */
interface Step {
  readonly from?: 'nobody';
  run(app: App): Promise<unknown>;
  readonly after: object;
}

const STEPS: Readonly<Record<string, Step>> = {
  'first sign-in': {
    from: 'nobody',
    run: (app) => signIn(app, 'ada'),
    after: { sub: 'ada', granted: ['openid', 'read:x', 'offline_access'], token: 'access-1' },
  },
  'sign-in of somebody else': {
    run: (app) => signIn(app, 'grace', 'openid other:x'),
    after: { sub: 'grace', granted: ['openid', 'other:x'], token: 'access-2' },
  },
  'upgrade': {
    run: upgrade,
    after: { sub: 'ada', granted: ['openid', 'read:x', 'offline_access', 'write:x'], token: 'access-2' },
  },
  'refresh': {
    run: (app) => app.call('getAccessToken', { forceRefresh: true }),
    after: { sub: 'ada', granted: ['openid', 'read:x', 'offline_access'], token: 'access-2' },
  },
  'sign-out': {
    run: (app) => app.call('signOut', { local: true }),
    after: NOBODY,
  },
};

async function signIn(app: App, sub: string, scope = SCOPE): Promise<void> {
  app.server.sub = sub;
  const { value } = await app.call('authorizeUrl', { scope });
  if (value) await app.handle(app.server.approve(value.url));
}

/** The page is left for the server, unless the client may not even note that. */
async function upgrade(app: App): Promise<void> {
  const refused = app.page.evaluate(() => kit.call('main', 'upgrade', 'write:x')).then(() => undefined, () => undefined);
  const url = await Promise.race([app.server.asked(), refused]);
  if (url) await app.handle(app.server.approve(url));
}

/** A page that has not stored anything yet. */
async function fresh(app: App, storage: (typeof STORAGES)[number]): Promise<App> {
  await app.page.evaluate(async () => {
    sessionStorage.clear();
    localStorage.clear();
    await new Promise((resolve) => (indexedDB.deleteDatabase('scopewise').onsuccess = resolve));
  });
  await app.goto();
  app.server.received.length = 0;
  return app.open({ scope: SCOPE, storage });
}

/** Counts the page's writes from now on, and ends them at one of them. */
function failAt(app: App, number: number, end: (typeof ENDS)[number]): Promise<void> {
  return app.page.evaluate(([number, end]) => {
    let count = ((globalThis as any).writes = 0);
    for (const [prototype, name] of [[Storage.prototype, 'setItem'], [Storage.prototype, 'removeItem'], [IDBObjectStore.prototype, 'put'], [IDBObjectStore.prototype, 'delete']] as const) {
      const write: any = (prototype as any)[name];
      (prototype as any)[name] = function (...args: unknown[]) {
        (globalThis as any).writes = count += 1;
        if (end === 'dies' ? count >= number : count === number) throw new DOMException('full', 'QuotaExceededError');
        return write.apply(this, args);
      };
    }
  }, [number, end] as const);
}

/** The session as the application sees it, and its token. */
async function seen(app: App) {
  const { claims, granted } = await app.session();
  const { value, error } = await app.call('getAccessToken');
  return { sub: claims?.sub, granted, token: value ?? error?.code };
}

for (const storage of STORAGES) {
  for (const [what, { from, run, after }] of Object.entries(STEPS)) {
    test(`C174 C213 storage ${storage}, ${what}: a page that ends at any write leaves nothing half done`, async ({ app, server }) => {
      server.refreshes = true;
      let ended = 0;
      for (const end of ENDS) {
        for (let number = 1, made = 1; number <= made; number += 1) {
          await fresh(app, storage);
          if (from !== 'nobody') await signIn(app, 'ada');
          const before = await seen(app);
          await failAt(app, number, end);
          await app.page.evaluate(noteTimers);
          await run(app);
          // Nobody waits for what was never written.
          expect(await waits(app)).toEqual([]);
          made = await app.page.evaluate(() => (globalThis as any).writes);
          ended += 1;

          await app.goto();
          await app.open({ scope: SCOPE, storage });
          expect([before, after, NOBODY], `${end} at write ${number} of ${made}`).toContainEqual(await seen(app));
          await signIn(app, 'linus');
          expect(await app.session()).toMatchObject({ signedIn: true, claims: { sub: 'linus' } });
        }
      }
      expect(ended).toBeGreaterThanOrEqual(ENDS.length);
    });
  }
}
