// The browser's cache of pages that were left, which is off in other tests.
import { keepingPages } from '../kept-pages.js';
import { test } from '../api.js';
import { expectFailure } from '../app.js';
import { expect } from '../fixtures.js';

test.use(keepingPages);

for (const storage of ['session', 'indexeddb'] as const) {
  test(`C282 a page that the back button brings out of the cache finds nobody signed in after a sign-out (${storage})`, async ({ app, page, context }) => {
    // Chromium lets go of a cached page that is told something, or holds a lock that others want. This one has to see for itself.
    await context.addInitScript(() => {
      delete (globalThis as any).BroadcastChannel;
    });
    await app.goto('/kept/');
    await app.open({ storage });
    await app.signIn();
    await page.evaluate(() => addEventListener('pageshow', ({ persisted }) => ((globalThis as any).persisted = persisted)));
    await app.goto('/elsewhere/');
    await app.open({ storage });
    await app.call('signOut', { local: true });
    await page.evaluate(() => void setTimeout(() => history.back()));
    await page.waitForURL('**/kept/', { waitUntil: 'commit' });
    // The page may change in the middle of a call.
    const persisted = () => page.evaluate(() => (globalThis as any).persisted).catch(() => undefined);
    await expect.poll(persisted).toBe(true);
    await expect.poll(async () => (await app.session()).signedIn).toBe(false);
    expectFailure(await app.call('getAccessToken'), 'not_signed_in');
  });
}
