// A browser that keeps the cookies of other sites from frames.
import { App, expectFailure } from './app.js';
import { expect, listen, localhost, test } from './fixtures.js';

test.use({ wants: { blocksCookies: true } });

test('a silent request is answered that nobody is signed in there; the session stays, and a popup works', async ({ page, server, bareSite, windows }) => {
  // The page is on another site than the server, which would have its cookies sent from everywhere.
  const seen: boolean[] = [];
  server.authorize = (url, { cookie = '' }) => {
    seen.push(cookie.includes('sid=ada'));
    return cookie.includes('sid=ada') ? server.approve(url) : server.reply(url, { error: 'login_required' });
  };
  const cookies = await listen((_, response) => void response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': ['sid=ada', 'here=1; SameSite=None; Secure', 'sid=ada; SameSite=None; Secure; Path=/authorize'] }).end('<title>Signed in</title>'));
  const app = new App(page, localhost(bareSite), { clientId: 'app', metadata: server.metadata, redirectUri: '/relay/', scope: 'openid read:x' });
  try {
    await page.goto(cookies.origin);
    await app.load();
    let clicked: Awaited<ReturnType<App['clickToCall']>> | undefined;
    const popup = await windows.opened(async () => { clicked = await app.clickToCall('signIn', { mode: 'popup' }); });
    expect((await clicked!.answer()).value).toMatchObject({ outcome: 'granted' });
    await expect.poll(() => popup.isClosed()).toBe(true);
    expectFailure(await app.call('signIn', { mode: 'silent' }), 'login_required');
    expect((await app.session()).signedIn).toBe(true);
    expect((await app.call('getAccessToken')).value).toBe('access-1');
    // The server saw its cookie in the popup, and not in the frame.
    expect(seen).toEqual([true, false]);
  } finally {
    await cookies.close();
  }
});
