// The recipes of docs/frameworks/routers.md, each with its real router.
import type { Variant } from './bundle.js';
import { expect, test } from './page.js';

/** Each in a folder, with both kinds of routers. */
const both = (app: Variant['app']): Variant[] => (['browser', 'hash'] as const).map((mode) => ({ app, mode, base: '/app/' }));

const VARIANTS: readonly Variant[] = [
  ...(['react', 'tanstack', 'vue', 'angular'] as const).flatMap(both),
  { app: 'sveltekit', mode: 'browser', base: '/app/' }, { app: 'sveltekit', mode: 'browser', base: '/', ssr: true }, { app: 'sveltekit', mode: 'hash', base: '/' },
];

for (const variant of VARIANTS) {
  test.describe(`${variant.app}, ${variant.mode} router in ${variant.base}${variant.ssr ? ', rendered beforehand' : ''}`, () => {
    // One worker builds it, once.
    test.describe.configure({ mode: 'default' });

    test('a link to a route for users leads to the sign-in, and back there, once', async ({ userOf, page, server }) => {
      const user = await userOf(variant);
      const loaded: string[] = [];
      page.on('request', (request) => request.isNavigationRequest() && request.url().startsWith(user.origin) && loaded.push(new URL(request.url()).pathname));
      await user.open('/notes?tab=2');
      await user.isAt('/notes?tab=2', 'Notes');
      expect(user.asked()).toEqual(['openid read:notes']);
      // What the client keeps in the page's memory is still there.
      expect(loaded).toEqual(variant.mode === 'hash' ? [variant.base, variant.base] : [`${variant.base}notes`, `${variant.base}callback`]);
      await page.reload();
      await user.isAt('/notes?tab=2', 'Notes');
      // No page before this one is the answer's.
      await user.go(-1);
      await user.isAt('/notes?tab=2', 'Notes');
      await user.go(1);
      await user.isAt('/notes?tab=2', 'Notes');
      await user.click('To home');
      await user.isAt('/', 'Home');
      await user.go(-1);
      await user.isAt('/notes?tab=2', 'Notes');
      expect(server.asks).toHaveLength(1);
      expect(server.requests()).toHaveLength(1);
    });

    test('a route that needs a scope leads to the question for it, and back there', async ({ userOf, page, server }) => {
      const user = await userOf(variant);
      await user.open('/');
      await user.isAt('/', 'Home', 'signed-out');
      await user.click('To notes');
      await user.isAt('/notes', 'Notes');
      await user.click('To edit');
      await user.isAt('/notes/edit', 'Edit');
      await expect(page.getByLabel('Note')).toBeVisible();
      expect(user.asked()).toEqual(['openid read:notes', 'openid read:notes write:notes']);
      await page.reload();
      await user.isAt('/notes/edit', 'Edit');
      await expect(page.getByLabel('Note')).toBeVisible();
      expect(server.requests()).toHaveLength(2);
    });

    test('who opens such a route without a session is asked for one, then for the scope', async ({ userOf, page }) => {
      const user = await userOf(variant);
      await user.open('/notes/edit');
      await user.isAt('/notes/edit', 'Edit');
      await expect(page.getByLabel('Note')).toBeVisible();
      expect(user.asked()).toEqual(['openid read:notes', 'openid read:notes write:notes']);
    });

    test('a no keeps the session, the page says what is missing, and only a click asks again', async ({ userOf, page, server }) => {
      const user = await userOf(variant);
      await user.open('/notes');
      await user.isAt('/notes', 'Notes');
      const { authorize } = server;
      server.authorize = (url) => server.reply(url, { error: 'access_denied' });
      await user.click('To edit');
      await user.isAt('/notes/edit', 'Edit');
      await expect(user.at('missing')).toHaveText('write:notes');
      await expect(user.at('granted')).toHaveText('openid read:notes');
      await user.click('To home');
      await user.isAt('/', 'Home');
      await user.click('To edit');
      await expect(user.at('missing')).toHaveText('write:notes');
      await page.reload();
      await expect(user.at('missing')).toHaveText('write:notes');
      expect(user.asked()).toHaveLength(2);
      server.authorize = authorize;
      await user.click('Allow');
      await expect(page.getByLabel('Note')).toBeVisible();
      await user.isAt('/notes/edit', 'Edit');
    });

    test('a no to the sign-in is said, and asks no more', async ({ userOf, server }) => {
      const user = await userOf(variant);
      server.authorize = (url) => server.reply(url, { error: 'access_denied' });
      await user.open('/notes');
      await expect(user.at('error')).toHaveText('access_denied');
      await user.isAt(variant.mode === 'hash' ? '/' : '/callback', 'Home', 'signed-out');
      expect(server.asks).toHaveLength(1);
    });

    test('what a sign-out comes back with is gone, and stays so', async ({ userOf, page, server }) => {
      const user = await userOf(variant);
      await user.open('/notes');
      await user.isAt('/notes', 'Notes');
      await user.click('Sign out');
      await user.isAt('/', 'Home', 'signed-out');
      await page.reload();
      await user.isAt('/', 'Home', 'signed-out');
      expect(server.asks.filter((url) => new URL(url).searchParams.has('post_logout_redirect_uri'))).toHaveLength(1);
      // The page that was left has to sign in again.
      await user.click('To notes');
      await user.isAt('/notes', 'Notes');
      // Some are at a route before its guards are asked, and so again afterwards.
      await user.go(['tanstack', 'sveltekit'].includes(variant.app) ? -2 : -1);
      await user.isAt('/', 'Home');
    });
  });
}

for (const app of ['tanstack', 'sveltekit'] as const) {
  test(`${app}: a link that the pointer is over is loaded, and asks nobody`, async ({ userOf, page, server }) => {
    const user = await userOf({ app, mode: 'browser', base: '/app/' });
    await user.open('/');
    await user.isAt('/', 'Home', 'signed-out');
    const left = page.waitForRequest(/authorize/, { timeout: 2000 }).then(() => 'left', () => 'stayed');
    await page.getByRole('link', { name: 'To edit' }).hover();
    expect(await left).toBe('stayed');
    expect(server.asks).toEqual([]);
    await user.isAt('/', 'Home', 'signed-out');
  });
}
