// Tabs that the browser freezes while others wait for them, and that wake into another session.
import { type App, expectFailure } from '../app.js';
import { SHARED, begin, expect, gate, isLong, test, times, type Tabs } from '../tabs.js';
import { noteTimers, waits } from '../timers.js';

/** For each storage. */
const FROZEN = times(2, 10);
/** Of those who wait: five times that is how long they do, for a refresh. */
const TIMEOUT = 1000;
test.setTimeout(isLong ? 600_000 : 180_000);

const token = async (app: App) => (await app.call('getAccessToken')).value;

/**
 * From now on a tab does nothing at all, as one in the background that the browser froze: its debugger stops it, because
 * here a tab is visible at all times, and a visible one is not frozen. `thaw` lets it go on.
 */
async function freeze(app: App): Promise<{ thaw: () => Promise<unknown> }> {
  const { own, stands } = await freezable(app);
  await own.send('Debugger.pause');
  // It stops where something runs.
  void own.send('Runtime.evaluate', { expression: '0' }).catch(() => undefined);
  await stands;
  return { thaw: () => own.send('Debugger.disable') };
}

/** A tab that stands still from its next debugger statement on. */
async function freezable(app: App) {
  const own = await app.page.context().newCDPSession(app.page);
  await own.send('Debugger.enable');
  return { own, stands: new Promise((resolve) => own.once('Debugger.paused', resolve)) };
}

/** Freezes a tab while its request is under way. `answered` is when the answer is there and the tab does not see it. */
async function frozenInRefresh(tabs: Tabs, app: App) {
  const { hold, came, open } = gate();
  tabs.proxy.after = hold;
  const { answer } = await begin(app);
  await came;
  const { thaw } = await freeze(app);
  const answered = async () => {
    open();
    await new Promise((resolve) => setTimeout(resolve, 300));
  };
  return { answered, thaw, answer };
}

for (const storage of SHARED) {
  test.describe(`storage ${storage}`, () => {
    test.use({ storage });

    test(`C218 a tab that is frozen while it asks: the others wait no longer than they may, ${FROZEN} times`, async ({ tabs }) => {
      const [victim, ...others] = [await tabs.open(60_000), ...(await tabs.openSome(2, TIMEOUT))];
      await tabs.signIn(victim!);
      await tabs.at(victim!.page, 60_000);
      for (let round = 1; round <= FROZEN; round += 1) {
        const old = await token(victim!);
        for (const app of others) await expect.poll(() => token(app)).toBe(old);
        const { answered, thaw, answer } = await frozenInRefresh(tabs, victim!);
        for (const app of others) await app.page.evaluate(noteTimers);
        const answers = await Promise.all(others.map((app) => app.call('getAccessToken', { forceRefresh: true })));
        for (const app of others) expect(await waits(app)).toEqual([5 * TIMEOUT]);
        for (const one of answers) expectFailure(one, 'timeout', { retryable: true });
        await answered();
        // Who does not need another token has one.
        expect(await token(others[0]!)).toBe(old);
        await thaw();
        const { value } = await answer();
        expect(value).not.toBe(old);
        for (const app of others) await expect.poll(() => token(app)).toBe(value);
        expect(tabs.sent()).toHaveLength(round);
      }
      tabs.expectNothingTwice();
      expect(tabs.revoked).toEqual([]);
    });

    test('C218 C232 a tab that is frozen while it asks, and thaws into another user’s session, leaves it alone', async ({ tabs }) => {
      const [victim, other] = [await tabs.open(60_000), await tabs.open()];
      await tabs.signIn(victim!);
      await tabs.at(victim!.page, 60_000);
      const { answered, thaw, answer } = await frozenInRefresh(tabs, victim!);
      await tabs.signIn(other!, 'grace');
      const theirs = await tabs.record(other!);
      await answered();
      await thaw();
      expectFailure(await answer(), 'not_signed_in');
      expect(await tabs.record(other!)).toBe(theirs);
      for (const app of [victim!, other!]) await expect.poll(async () => (await app.session()).claims?.sub).toBe('grace');
      tabs.proxy.after = () => undefined;
      expect((await victim!.call('getAccessToken', { forceRefresh: true })).value).toBeTruthy();
      tabs.expectNothingTwice();
    });

    test('C218 a tab that is frozen in the middle of a write holds up nobody, and goes by what it finds when it wakes', async ({ tabs }) => {
      const [victim, other] = [await tabs.open(), await tabs.open(2000)];
      await tabs.signIn(victim!);
      await expect.poll(async () => (await other!.session()).signedIn).toBe(true);
      const { own, stands } = await freezable(victim!);
      // It has the lock, and does not come to what it wants it for.
      await victim!.page.evaluate(() => {
        const request = navigator.locks.request;
        navigator.locks.request = function (this: LockManager, name: string, options: any, work: any) {
          const stop = (lock: Lock | null) => {
            debugger;
            return work(lock);
          };
          return request.call(this, name, options, name.endsWith('write') ? stop : work);
        } as LockManager['request'];
        (globalThis as any).under = kit.call('main', 'signOut', { local: true });
      });
      await stands;
      const { value, error } = await other!.call('getAccessToken', { forceRefresh: true });
      expect(error).toBeUndefined();
      expect(await tabs.record(other!)).toContain(value);
      await own.send('Debugger.disable');
      // It signs out what it finds by then. The browser tells the other tab's process a moment later.
      expect(await victim!.page.evaluate(() => (globalThis as any).under)).toEqual({});
      await expect.poll(() => tabs.record(other!)).toBeUndefined();
      await expect.poll(async () => (await other!.session()).signedIn).toBe(false);
      expectFailure(await other!.call('getAccessToken'), 'not_signed_in');
      tabs.expectNothingTwice();
    });
  });
}
