// Daybook without leaving the page: a popup to ask in, a hidden frame to look who is still signed in.
import type { Page } from '@playwright/test';
// @ts-ignore: the demo is plain JavaScript
import { start } from '../../../www/server/start.mjs';
import type { AuthorizationOutcome, Session } from '../../../pkg/index.js';
import { expect, test, type Demo } from '../fixtures.js';
import { seenAtWork } from '../windows.js';
import { allow, askApi, choose } from './people.js';

const READ = 'read:appointments';
const WRITE = 'write:appointments';

type Told = { outcome?: AuthorizationOutcome; code?: string; session: Session; token?: string };

/** A client of the test's own on the app's page, with tokens in memory: what a call of it came to. */
async function call(page: Page, method: 'signIn' | 'upgrade', ...args: unknown[]): Promise<Told> {
  return page.evaluate(async ([method, args, scope]) => {
    const own = globalThis as any;
    if (!own.client) {
      const { createClient } = await import('/pkg/index.js' as string);
      const { issuer, resource } = await (await fetch('/config.json')).json();
      own.client = await createClient({ clientId: 'calendar-app', issuer, redirectUri: '/calendar/', resource, scope, storage: 'memory' });
    }
    const { client } = own;
    const told = await client[method](...args).then((outcome: unknown) => ({ outcome }), ({ code }: { code: string }) => ({ code }));
    const token = client.session.signedIn ? await client.getAccessToken() : undefined;
    return { ...told, session: client.session, token, frames: document.querySelectorAll('iframe').length };
  }, [method, args, ['openid', 'profile', READ]] as const);
}

async function inPopup(page: Page, method: 'signIn' | 'upgrade', ...args: unknown[]): Promise<{ popup: Page; told: Promise<Told> }> {
  const opened = page.waitForEvent('popup');
  const told = call(page, method, ...args);
  return { popup: await opened, told };
}

async function signIn(page: Page, demo: Demo): Promise<Told> {
  await page.goto(`${demo.url}calendar/`);
  const { popup, told } = await inPopup(page, 'signIn', { mode: 'popup' });
  await choose(popup, 'ada');
  await allow(popup);
  return told;
}

test('signing in by popup, and more permissions by another one', async ({ page, demo }) => {
  const first = await signIn(page, demo);
  expect(first).toMatchObject({ outcome: { kind: 'sign-in', outcome: 'granted' }, session: { claims: { name: 'Ada Lovelace' } } });
  expect(await askApi(demo, first.token!)).toBe(200);

  const no = await inPopup(page, 'upgrade', WRITE, { mode: 'popup', appState: { draft: 'Tea' } });
  await expect(no.popup.getByTestId('asked')).toContainText('Create appointments');
  await no.popup.getByTestId('deny').click();
  expect(await no.told).toMatchObject({ outcome: { outcome: 'denied', missing: [WRITE], appState: { draft: 'Tea' } }, token: first.token });

  const yes = await inPopup(page, 'upgrade', WRITE, { mode: 'popup' });
  await allow(yes.popup);
  const { outcome, session, token } = await yes.told;
  expect(outcome).toMatchObject({ kind: 'upgrade', outcome: 'granted' });
  expect(session.granted).toEqual(['openid', 'profile', READ, WRITE]);
  expect(await askApi(demo, token!)).toBe(200);
  await expect.poll(() => page.context().pages().length).toBe(1);
  expect(page.url()).toBe(`${demo.url}calendar/`);
});

test('somebody else answers in the popup: the session stays', async ({ page, demo }) => {
  const { token } = await signIn(page, demo);
  const { popup, told } = await inPopup(page, 'upgrade', WRITE, { mode: 'popup' });
  await popup.getByTestId('other-account').click();
  await choose(popup, 'grace');
  await allow(popup);
  expect(await told).toMatchObject({ code: 'subject_mismatch', session: { claims: { sub: 'ada' } }, token });
  expect(await askApi(demo, token!)).toBe(200);
});

test('tokens in memory are gone after a reload, and silently there again', async ({ page, demo }) => {
  const first = await signIn(page, demo);
  await page.reload();
  const again = await call(page, 'signIn', { mode: 'silent' });
  expect(again).toMatchObject({ outcome: { outcome: 'granted' }, session: { claims: { name: 'Ada Lovelace' }, granted: ['openid', 'profile', READ] }, frames: 0 });
  expect(again.token).not.toBe(first.token);
  expect(await askApi(demo, again.token!)).toBe(200);
  // What nobody agreed to yet cannot be had silently.
  expect(await call(page, 'upgrade', WRITE, { mode: 'silent' })).toMatchObject({ code: 'consent_required', token: again.token, frames: 0 });
});

test('C266 the server has forgotten the user: login_required, and the session that is here stays', async ({ page, demo, context }) => {
  const { token } = await signIn(page, demo);
  await context.clearCookies();
  expect(await call(page, 'signIn', { mode: 'silent' })).toMatchObject({ code: 'login_required', session: { signedIn: true }, token, frames: 0 });
  await page.reload();
  expect(await call(page, 'signIn', { mode: 'silent' })).toMatchObject({ code: 'login_required', session: { signedIn: false }, frames: 0 });
});

test('the user closes the popup, and tries again', async ({ page, demo }) => {
  await page.goto(`${demo.url}calendar/`);
  const { popup, told } = await inPopup(page, 'signIn', { mode: 'popup' });
  await expect(popup.getByTestId('account-ada')).toBeVisible();
  await seenAtWork(page);
  await popup.close();
  expect(await told).toMatchObject({ code: 'popup_closed', session: { signedIn: false } });
  expect(await signIn(page, demo)).toMatchObject({ outcome: { outcome: 'granted' } });
});

test('C256 a server that keeps its windows to itself', async ({ page }) => {
  const demo = await start({ port: 0, authPort: 0, openerPolicy: 'same-origin' });
  try {
    await page.goto(`${demo.url}calendar/`);
    const { popup, told } = await inPopup(page, 'signIn', { mode: 'popup' });
    await choose(popup, 'ada');
    // Longer than it takes to notice that a popup was closed.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await allow(popup);
    const { outcome, token } = await told;
    expect(outcome).toMatchObject({ outcome: 'granted' });
    expect(await askApi(demo, token!)).toBe(200);
    // The page cannot close it any more; it does so itself.
    await expect.poll(() => popup.isClosed()).toBe(true);
  } finally {
    await demo.close();
  }
});
