// Many tabs and one session: each refresh token is sent once, and what one tab does, all others know.
import type { CDPSession, Page } from '@playwright/test';
import { type App, expectFailure } from '../app.js';
import { SHARED, begin, expect, gate, isLong, test, times } from '../tabs.js';
import { noteTimers, waits } from '../timers.js';

const TABS = times(5, 10);
const ROUNDS = times(5, 50);
/** For each storage. */
const KILLED = times(3, 25);
test.setTimeout(isLong ? 1_200_000 : 180_000);

const KILLS = ['close', 'target', 'crash'] as const;

/** Ends a tab in the middle of whatever it does. */
async function kill(page: Page, browser: CDPSession, how: (typeof KILLS)[number]): Promise<void> {
  if (how === 'close') return page.close({ runBeforeUnload: false });
  const own = await page.context().newCDPSession(page);
  if (how === 'crash') {
    const crashed = page.waitForEvent('crash');
    void own.send('Page.crash').catch(() => undefined);
    await crashed;
    return page.close();
  }
  const { targetInfo } = await own.send('Target.getTargetInfo');
  const closed = page.waitForEvent('close');
  await browser.send('Target.closeTarget', { targetId: targetInfo.targetId });
  await closed;
}

/** How often each came. */
const count = (all: string[]): number[] => [...new Set(all)].map((one) => all.filter((other) => other === one).length);

const token = async (app: App) => (await app.call('getAccessToken')).value;

for (const storage of SHARED) {
  test.describe(`storage ${storage}`, () => {
    test.use({ storage });

    test(`C216 all tabs want a new token at once, over and over: one refresh each time, and all have its token`, async ({ tabs }) => {
      const all = await tabs.openSome(TABS);
      await tabs.signIn(all[0]!);
      let before = await token(all[0]!);
      for (const app of all) await expect.poll(async () => token(app)).toBe(before);
      let slowest = 0;
      for (let round = 1; round <= ROUNDS; round += 1) {
        const { hold, open } = gate();
        tabs.proxy.before = hold;
        const calls = await Promise.all(all.map((app) => begin(app)));
        const since = Date.now();
        open();
        const answers = await Promise.all(calls.map(({ answer }) => answer()));
        const tokens = new Set(answers.map(({ value, error }) => value ?? error?.code));
        expect(tokens.size, [...tokens].join()).toBe(1);
        expect(tokens).not.toContain(before);
        before = answers[0]!.value;
        slowest = Math.max(slowest, Date.now() - since);
        expect(tabs.sent()).toHaveLength(round);
      }
      if (isLong) console.table({ [`tabs, ${storage}`]: { tabs: TABS, rounds: ROUNDS, refreshes: tabs.sent().length, revoked: tabs.revoked.length, 'slowest round, ms': slowest } });
      tabs.expectNothingTwice();
      expect(tabs.revoked).toEqual([]);
      for (const app of all) expect((await app.session()).signedIn).toBe(true);
    });

    test('C210 C281 what happens in one tab the others are told', async ({ tabs }) => {
      const [here, ...others] = await tabs.openSome(3);
      for (const app of others) await app.page.evaluate(noteTimers);
      const shows = (expected: Record<string, unknown>) => Promise.all(others.map((app) => expect.poll(() => app.session()).toMatchObject(expected)));
      await tabs.signIn(here!);
      await shows({ signedIn: true, claims: { sub: 'ada' }, granted: ['openid', 'profile', 'offline_access'] });

      const { value } = await here!.call('getAccessToken', { forceRefresh: true });
      for (const app of others) await expect.poll(() => token(app)).toBe(value);

      await tabs.signIn(here!, 'ada', 'openid email offline_access');
      await shows({ granted: ['openid', 'email', 'offline_access'] });

      await tabs.signIn(here!, 'grace');
      await shows({ signedIn: true, claims: { sub: 'grace' } });

      await here!.call('signOut', { local: true });
      await shows({ signedIn: false, claims: null });
      // None of them looks by a timer.
      for (const app of others) expect(await waits(app)).toEqual([]);
      expect(await tabs.record(here!)).toBeUndefined();
      tabs.expectNothingTwice();
    });

    test('C210 a sign-out during a refresh in another tab is not undone by it, and its tokens are given up', async ({ tabs }) => {
      const [here, other] = await tabs.openSome(2);
      await tabs.signIn(here!);
      await expect.poll(async () => (await other!.session()).signedIn).toBe(true);
      const { hold, came, open } = gate();
      tabs.proxy.after = hold;
      const { answer } = await begin(here!);
      await came;
      await other!.call('signOut', { local: true });
      open();
      expectFailure(await answer(), 'not_signed_in');
      for (const app of [here!, other!]) expect((await app.session()).signedIn).toBe(false);
      expect(await tabs.record(other!)).toBeUndefined();
      await expect.poll(() => tabs.proxy.received.filter(({ path }) => /revocation/.test(path)).length).toBe(1);
      expect(tabs.sent()).toHaveLength(1);
    });

    test(`C217 a tab that dies while it asks: the others go on, ${KILLED} times`, async ({ tabs, context }) => {
      const others = await tabs.openSome(3);
      await tabs.signIn(others[0]!);
      let slowest = 0;
      for (let round = 0; round < KILLED; round += 1) {
        const victim = await tabs.open();
        const old = await token(victim);
        const { hold, came } = gate();
        tabs.proxy.before = hold;
        await begin(victim);
        await came;
        for (const app of others) await app.page.evaluate(noteTimers);
        const calls = await Promise.all(others.map((app) => begin(app)));
        await kill(victim.page, await context.newCDPSession(others[0]!.page), KILLS[round % KILLS.length]!);
        const since = Date.now();
        const answers = await Promise.all(calls.map(({ answer }) => answer()));
        slowest = Math.max(slowest, Date.now() - since);
        // The turn comes as the tab dies. One of them asks silently, which nobody answers here.
        for (const app of others) expect([[], [3000]]).toContainEqual(await waits(app));
        // They were there when it was sent, and do not know what came of it. The old token is still good.
        for (const answer of answers) expectFailure(answer, 'token_response_lost');
        for (const app of others) expect([(await app.session()).signedIn, await token(app)]).toEqual([true, old]);
        expect(tabs.sent()).toHaveLength(2 * round + 1);

        // The server never had it. Whoever comes later may try once, and all go on with what comes of it.
        tabs.proxy.before = () => undefined;
        const later = await tabs.open();
        const { value } = await later.call('getAccessToken', { forceRefresh: true });
        expect(value).toBeTruthy();
        expect(value).not.toBe(old);
        for (const app of others) await expect.poll(() => token(app)).toBe(value);
        await later.page.close();
      }
      if (isLong) console.table({ [`killed, ${storage}`]: { tabs: KILLED, refreshes: tabs.sent().length, revoked: tabs.revoked.length, 'slowest to go on, ms': slowest } });
      // The one that died, and the one try.
      expect(Math.max(...count(tabs.sent()))).toBe(2);
      expect(tabs.revoked).toEqual([]);
    });

    test('C224 a tab that dies after the server answered: one more try, then signed out everywhere', async ({ tabs, context }) => {
      const others = await tabs.openSome(2);
      await tabs.signIn(others[0]!);
      const victim = await tabs.open();
      const { hold, came } = gate();
      tabs.proxy.after = hold;
      await begin(victim);
      await came;
      await kill(victim.page, await context.newCDPSession(others[0]!.page), 'close');
      expectFailure(await others[1]!.call('getAccessToken', { forceRefresh: true }), 'token_response_lost');
      tabs.proxy.after = () => undefined;
      const later = await tabs.open();
      expectFailure(await later.call('getAccessToken', { forceRefresh: true }), 'invalid_grant');
      for (const app of [later, ...others]) await expect.poll(async () => (await app.session()).signedIn).toBe(false);
      expect(tabs.revoked).toHaveLength(1);
      expect(count(tabs.sent())).toEqual([2]);
      await tabs.signIn(later);
      for (const app of others) await expect.poll(async () => (await app.session()).signedIn).toBe(true);
    });
  });
}

for (const storage of SHARED) {
  test.describe(`storage ${storage}, tokens of eight seconds`, () => {
    test.use({ storage, seconds: 8 });

    test('C229 all tabs wake up to a token that has run out: one refresh, and all have its token', async ({ tabs }) => {
      const all = await tabs.openSome(TABS);
      await tabs.signIn(all[0]!);
      for (const app of all) await expect.poll(async () => (await app.session()).signedIn).toBe(true);
      for (let round = 1; round <= times(1, 5); round += 1) {
        // A new one counts as such for half as long, whoever is late.
        await all[0]!.page.waitForTimeout(8200);
        const { hold, open } = gate();
        tabs.proxy.before = hold;
        const calls = await Promise.all(all.map((app) => begin(app, 'getAccessToken', {})));
        open();
        const answers = await Promise.all(calls.map(({ answer }) => answer()));
        expect(new Set(answers.map(({ value, error }) => value ?? error?.code)).size).toBe(1);
        expect(answers[0]!.value).toBeTruthy();
        expect(tabs.sent()).toHaveLength(round);
      }
      tabs.expectNothingTwice();
      expect(tabs.revoked).toEqual([]);
    });
  });
}
