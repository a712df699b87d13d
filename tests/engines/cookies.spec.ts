// A browser that keeps the cookies of other sites from frames.
import { App, expectFailure } from './app.js';
import { expect, listen, localhost, test } from './fixtures.js';

test.use({ wants: { blocksCookies: true } });

test('a silent request is answered that nobody is signed in there; the session stays, and a popup works', async ({ tab: page, server, bareSite, windows }) => {
  // The page is on another site than the server, which would have its cookies sent from everywhere.
  const seen: boolean[] = [];
  server.authorize = (url, { cookie = '' }) => {
    seen.push(cookie.includes('sid=ada'));
    return cookie.includes('sid=ada') ? server.approve(url) : server.reply(url, { error: 'login_required' });
  };
  // With and without what some browsers want of a cookie that is for frames too.
  const cookies = ['sid=ada', 'sid=ada; SameSite=None; Secure; Path=/authorize'];
  const signedIn = await listen((_, response) => void response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': cookies }).end('<title>Signed in</title>'));
  const app = new App(page, localhost(bareSite), { clientId: 'app', metadata: server.metadata, redirectUri: '/relay/', scope: 'openid read:x' });
  try {
    await page.goto(signedIn.origin);
    await app.load();
    // It is open for a moment only.
    const { answer } = await app.clickToCall('signIn', { mode: 'popup' });
    expect((await answer()).value).toMatchObject({ outcome: 'granted' });
    await expect.poll(async () => (await windows.all()).length).toBe(1);
    expectFailure(await app.call('signIn', { mode: 'silent' }), 'login_required');
    expect((await app.session()).signedIn).toBe(true);
    expect((await app.call('getAccessToken')).value).toBe('access-1');
    // The server saw its cookie in the popup, and not in the frame.
    expect(seen).toEqual([true, false]);
  } finally {
    await signedIn.close();
  }
});
