// A private window, which forgets what it stores once it is closed.
import { App, signIn } from './app.js';
import { expect, test } from './fixtures.js';

test.use({ wants: { isPrivate: true } });

for (const storage of ['session', 'local', 'indexeddb', 'worker'] as const) {
  test(`a private window: signing in, a token that is bound to a key, and a refresh: storage ${storage}`, async ({ app, demo }) => {
    const { metadata: _, ...options } = app.options;
    const own = new App(app.page, app.site, { ...options, issuer: demo.issuer, storage, dpop: true });
    await own.load();
    await signIn(own);
    expect((await own.session()).persisted).toBe(true);
    expect((await own.call('getAccessToken', { forceRefresh: true })).value).toBeTruthy();
    expect((await own.call('userInfo')).value).toMatchObject({ sub: 'ada' });
    if (storage === 'worker') return;
    await own.reload();
    expect((await own.call('getAccessToken', { forceRefresh: true })).value).toBeTruthy();
  });
}
