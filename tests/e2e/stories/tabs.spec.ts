// Many tabs and one session: each refresh token is sent once, and what one tab does, all others know.
import type { CDPSession, Page } from '@playwright/test';
import type { App } from '../app.js';
import { SHARED, begin, expect, gate, isLong, test, times } from '../tabs.js';

const TABS = times(5, 10);
const ROUNDS = times(5, 50);
test.setTimeout(isLong ? 1_200_000 : 90_000);

const token = async (app: App) => (await app.call('getAccessToken')).value;

for (const storage of SHARED) {
  test.describe(`storage ${storage}`, () => {
    test.use({ storage });

    test(`C216 all tabs want a new token at once, over and over: one refresh each time, and all have its token`, async ({ tabs }) => {
      const all = await tabs.openSome(TABS);
      await tabs.signIn(all[0]!);
      let before = await token(all[0]!);
      for (const app of all) await expect.poll(async () => token(app)).toBe(before);
      for (let round = 1; round <= ROUNDS; round += 1) {
        const { hold, open } = gate();
        tabs.proxy.before = hold;
        const calls = await Promise.all(all.map((app) => begin(app)));
        open();
        const answers = await Promise.all(calls.map(({ answer }) => answer()));
        const tokens = new Set(answers.map(({ value, error }) => value ?? error?.code));
        expect(tokens.size, [...tokens].join()).toBe(1);
        expect(tokens).not.toContain(before);
        before = answers[0]!.value;
        expect(tabs.sent()).toHaveLength(round);
      }
      tabs.expectNothingTwice();
      expect(tabs.revoked).toEqual([]);
      for (const app of all) expect((await app.session()).signedIn).toBe(true);
    });
  });
}
