// A browser that keeps the cookies of other sites from frames.
import { expectFailure } from '../e2e/app.js';
import { App } from './app.js';
import { expect, listen, localhost, test } from './fixtures.js';

test.use({ wants: { blocksCookies: true } });

test('cookies of other sites: a popup has them, a silent request ends as the server says, and the session stays', async ({ tab: page, server, bareSite, windows, engine }, info) => {
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
    const silent = await app.call('signIn', { mode: 'silent' });
    const [inPopup, inFrame] = seen;
    expect(inPopup).toBe(true);
    info.annotations.push({ type: `${engine}: in a frame the server has its cookies`, description: String(inFrame) });
    // WebKitGTK's driver cannot have it block them: it has what it had before, wherever it is.
    if (engine !== 'webkit') expect(inFrame).toBe(false);
    if (inFrame) expect(silent.value).toMatchObject({ outcome: 'granted' });
    else expectFailure(silent, 'login_required');
    expect((await app.session()).signedIn).toBe(true);
    expect((await app.call('getAccessToken')).value).toBe(inFrame ? 'access-2' : 'access-1');
  } finally {
    await signedIn.close();
  }
});
