// The server for tests with the real client, in real pages: signatures, popups, frames and redirects.
import type { BrowserContext, Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';

/** Every page at /authorize asks the user, unless an answer is stored; every other one has a client over a server of its own. */
function pages(answer: unknown): void {
  addEventListener('DOMContentLoaded', async () => {
    const path = '/pkg/testing.js';
    const { createFakeServer } = (await import(path)) as typeof import('../../../pkg/testing.js');
    const server = createFakeServer({ user: { sub: 'ada', name: 'Ada' }, authorizationEndpoint: '/authorize' });
    if (location.pathname === '/authorize') return server.answerPage(answer as undefined);
    const client = await kit.createClient({ clientId: 'Calendar', issuer: server.issuer, redirectUri: '/cb', fetch: server.fetch, scope: 'openid offline_access read:x', verifySignature: true });
    Object.assign(globalThis, { server, client });
    if (location.pathname === '/cb') Object.assign(globalThis, { came: await client.handleCallback() });
  });
}

declare global {
  var server: import('../../../pkg/testing.js').FakeServer;
  var client: import('../../../pkg/index.js').Client<string>;
  var came: unknown;
}

async function opened(page: Page, bareSite: string, answer?: unknown, context: BrowserContext = page.context()): Promise<void> {
  await context.addInitScript(pages, answer);
  await page.goto(`${bareSite}/app/`);
  await page.waitForFunction(() => 'client' in globalThis);
}

test('signatures are checked, tokens renewed, and all of it is revoked in the end', async ({ page, bareSite }) => {
  await opened(page, bareSite);
  const came = await page.evaluate(async () => {
    const stop = server.answerWindows('allow');
    const { outcome } = await client.signIn({ mode: 'popup' });
    const first = await client.getAccessToken();
    const second = await client.getAccessToken({ forceRefresh: true });
    stop();
    const info = await client.userInfo();
    await client.signOut();
    return { outcome, isNew: first !== second, info, asked: server.requests.map(({ endpoint }) => endpoint), isOver: server.inspect(second) === null };
  });
  expect(came).toEqual({ outcome: 'granted', isNew: true, info: { sub: 'ada', name: 'Ada' }, asked: ['metadata', 'jwks', 'token', 'token', 'userinfo', 'revocation'], isOver: true });
});

test('failures of the server are those of the client', async ({ page, bareSite }) => {
  await opened(page, bareSite);
  const codes = await page.evaluate(async () => {
    const codeOf = (call: Promise<unknown>) => call.then(() => 'no error', (error) => error.code);
    await client.prepare();
    const answered = async (how?: 'deny') => client.handleCallback(await server.answer(client.authorizeUrl().url, how));
    server.once('token', () => { throw new TypeError('offline'); });
    const lost = await codeOf(answered());
    server.once('token', () => new Response('{}', { status: 500 }));
    const broken = await codeOf(answered());
    const denied = await codeOf(answered('deny'));
    await answered();
    server.revokeAll();
    const over = await codeOf(client.getAccessToken({ forceRefresh: true }));
    return [lost, broken, denied, over, client.session.signedIn];
  });
  expect(codes).toEqual(['token_response_lost', 'http', 'access_denied', 'invalid_grant', false]);
});

test('a real popup shows what is asked for, and its user chooses', async ({ page, bareSite }) => {
  await opened(page, bareSite);
  const ask = async (call: () => Promise<unknown>, choose: (popup: Page) => Promise<void>) => {
    const opening = page.waitForEvent('popup');
    const came = page.evaluate(call);
    const popup = await opening;
    await choose(popup);
    return came;
  };
  const outcome = await ask(() => client.signIn({ mode: 'popup' }), async (popup) => {
    await expect(popup.getByRole('heading')).toHaveText('Calendar asks for');
    await expect(popup.getByRole('checkbox')).toHaveCount(3);
    await popup.getByLabel('read:x').uncheck();
    await popup.getByRole('button', { name: 'Allow' }).click();
  });
  expect(outcome).toMatchObject({ outcome: 'partial', granted: ['openid', 'offline_access'], missing: ['read:x'] });
  const denied = await ask(() => client.upgrade('write:x', { mode: 'popup' }), (popup) => popup.getByRole('button', { name: 'Deny' }).click());
  expect(denied).toMatchObject({ outcome: 'denied', missing: ['write:x'] });
  expect(await page.evaluate(() => client.session.granted)).toEqual(['openid', 'offline_access']);
});

test('a hidden frame is answered by the page itself', async ({ page, bareSite }) => {
  await opened(page, bareSite, { error: 'login_required' });
  expect(await page.evaluate(() => client.signIn({ mode: 'silent' }).catch((error) => error.code))).toBe('login_required');
});

test('a redirect comes back with a session, which a reload keeps', async ({ page, bareSite }) => {
  await opened(page, bareSite, 'allow');
  await page.evaluate(() => void client.signIn({ returnTo: '/inbox', appState: 7 }));
  await page.waitForURL((url) => url.pathname === '/cb');
  await page.waitForFunction(() => 'came' in globalThis);
  expect(await page.evaluate(() => came)).toMatchObject({ kind: 'sign-in', outcome: 'granted', returnTo: '/inbox', appState: 7 });
  expect(new URL(page.url()).search).toBe('');
  await page.reload();
  await page.waitForFunction(() => 'came' in globalThis);
  expect(await page.evaluate(async () => [client.session.claims?.['name'], server.inspect(await client.getAccessToken({ forceRefresh: true }))?.scopes])).toEqual(['Ada', ['openid', 'offline_access', 'read:x']]);
});

test('what is not the client’s stays the page’s', async ({ page, bareSite }) => {
  await opened(page, bareSite);
  const came = await page.evaluate(async () => {
    const stop = server.answerWindows('blocked');
    const frame = document.createElement('iframe');
    frame.src = '/kit/other';
    const blocked = await client.signIn({ mode: 'popup' }).catch((error) => error.code);
    stop();
    const popup = open('about:blank', 'own');
    popup?.close();
    return [new URL(frame.src).pathname, blocked, popup !== null];
  });
  expect(came).toEqual(['/kit/other', 'popup_blocked', true]);
});
