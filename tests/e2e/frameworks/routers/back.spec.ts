// The back button on the server's page, with the browser's cache of pages that were left, which is off in other tests.
import { keepingPages } from '../../kept-pages.js';
import { expect, test } from './page.js';

test.use(keepingPages);

for (const app of ['react', 'tanstack', 'vue', 'angular', 'sveltekit'] as const) {
  test(`${app}: a page that comes back as it was left, waiting, begins again`, async ({ userOf, page, server }) => {
    await page.addInitScript(() => addEventListener('pageshow', ({ persisted }) => persisted && sessionStorage.setItem('persisted', 'yes')));
    const user = await userOf({ app, mode: 'browser', base: '/app/' });
    const { authorize } = server;
    server.authorize = () => undefined;
    await user.open('/notes/edit');
    await page.waitForURL(`${server.issuer}/authorize?*`);
    server.authorize = authorize;
    await page.evaluate(() => void setTimeout(() => history.back()));
    await user.isAt('/notes/edit', 'Edit');
    expect(await page.evaluate(() => sessionStorage.getItem('persisted'))).toBe('yes');
    expect(user.asked()).toEqual(['openid read:notes', 'openid read:notes', 'openid read:notes write:notes']);
  });
}
