// Daybook asks for more in a popup, when it is needed: the user never leaves, and no answer can spoil the session.
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { editSession, sessionRecord, sessionText } from '../records.js';
import { seenAtWork } from '../windows.js';
import { accessToken, allow, askApi, choose, expectClean, heldText, popupOf, scopes, signIn, signInAndDraft } from './people.js';

const READ = 'read:appointments';
const WRITE = 'write:appointments';
const DELETE = 'delete:appointments';

const windows = (page: Page): number => page.context().pages().length;

/** Notes loads of the page, and in which event's course windows were opened. */
async function watch(page: Page): Promise<{ loads: number; opened: () => Promise<(string | undefined)[]> }> {
  const seen = { loads: 0, opened: () => page.evaluate(() => (globalThis as any).opened) };
  await page.evaluate(() => {
    const { open } = window;
    const opened: (string | undefined)[] = ((globalThis as any).opened = []);
    window.open = (...args) => {
      opened.push(window.event?.type);
      return open.apply(window, args);
    };
  });
  page.on('framenavigated', (frame) => { if (frame === page.mainFrame()) seen.loads += 1; });
  return seen;
}

test('yes in the popup: the draft is saved where the user is, and the page never reloads', async ({ page, demo }) => {
  await signInAndDraft(page, demo, 'Tea with Grace');
  const seen = await watch(page);
  const popup = await popupOf(page, page.getByTestId('save'));
  expect(await seen.opened()).toEqual(['submit']);
  await expect(popup.getByTestId('asked')).toContainText('Create appointments');
  await expect(popup.getByTestId(`already-${READ}`)).toBeVisible();
  await expect(page.getByTestId('draft-notice')).toHaveAttribute('data-kind', 'waiting');
  await expect(page.getByTestId('save')).toBeDisabled();
  await allow(popup);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'done');
  await expect(page.getByTestId('draft-title')).toBeHidden();
  await expect(page.getByTestId('appointment').filter({ hasText: 'Tea with Grace' })).toContainText(['Café & <Bar>']);
  await expect.poll(() => popup.isClosed()).toBe(true);
  expectClean(page, '/calendar/');
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ, WRITE]);
  await expect(page.getByTestId('timeline-entry').last()).toHaveAttribute('data-outcome', 'granted');

  // Held from now on: nothing is asked again.
  await page.getByTestId('new-appointment').click();
  await page.getByTestId('draft-title').fill('Second cup');
  await page.getByTestId('save').click();
  await expect(page.getByTestId('appointment').filter({ hasText: 'Second cup' })).toHaveCount(1);
  expect(await seen.opened()).toHaveLength(1);
  expect(seen.loads).toBe(0);
});

for (const [how, answer] of [
  ['denied', (popup: Page) => popup.getByTestId('deny').click()],
  ['unticked', (popup: Page) => allow(popup, { but: [WRITE] })],
] as const) {
  test(`no in the popup (${how}): draft, session and reading stay, and only a button asks again`, async ({ page, demo }) => {
    const title = `Not today (${how})`;
    await signInAndDraft(page, demo, title);
    const [record, token] = [await heldText(page), await accessToken(page)];
    const seen = await watch(page);
    await answer(await popupOf(page, page.getByTestId('save')));
    await expect(page.getByTestId('draft-notice')).toContainText('nothing was saved');
    await expect(page.getByTestId('draft-notice')).toHaveAttribute('data-kind', 'refusal');
    await expect(page.getByTestId('draft-title')).toHaveValue(title);
    await expect(page.getByTestId('draft-place')).toHaveValue('Café & <Bar>');
    await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
    await expect(page.getByTestId('appointments')).toBeVisible();
    await expect(page.getByTestId(`status-${WRITE}`)).toHaveAttribute('data-status', 'denied');
    await expect(page.getByTestId('timeline-entry').last()).toHaveAttribute('data-outcome', 'denied');
    expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ]);
    if (how === 'denied') expect(await heldText(page)).toBe(record);
    expect(await askApi(demo, token)).toBe(200);
    expect(await askApi(demo, await accessToken(page))).toBe(200);

    // The draft is there whenever the form is opened, and the form says what its button does.
    await page.getByTestId('draft-cancel').click();
    await page.getByTestId('new-appointment').click();
    await expect(page.getByTestId('draft-title')).toHaveValue(title);
    await expect(page.getByTestId('save')).toHaveCount(0);
    await expect(page.getByTestId('draft-notice')).toHaveCount(0);
    expect(await seen.opened()).toHaveLength(1);

    await allow(await popupOf(page, page.getByTestId('ask-again')));
    await expect(page.getByTestId('appointment').filter({ hasText: title })).toHaveCount(1);
    expect(await seen.opened()).toEqual(['submit', 'submit']);
    expect(seen.loads).toBe(0);
  });
}

test('the user closes the popup: nothing is lost, and saving asks again', async ({ page, demo }) => {
  await signInAndDraft(page, demo, 'Third time lucky');
  const record = await sessionText(page);
  const popup = await popupOf(page, page.getByTestId('save'));
  // Long enough that it was seen at work: one that closes at once might be one that only looks closed.
  await seenAtWork(page);
  await popup.close();
  await expect(page.getByTestId('draft-notice')).toContainText('Nothing was saved');
  await expect(page.getByTestId('timeline-entry').last()).toHaveAttribute('data-outcome', 'popup_closed');
  await expect(page.getByTestId('draft-title')).toHaveValue('Third time lucky');
  expect(await sessionText(page)).toBe(record);
  await allow(await popupOf(page, page.getByTestId('save')));
  await expect(page.getByTestId('appointment').filter({ hasText: 'Third time lucky' })).toHaveCount(1);
});

test('the user closes the form: the question is taken back, the popup with it, and the draft stays', async ({ page, demo }) => {
  await signInAndDraft(page, demo, 'Changed my mind');
  const record = await sessionText(page);
  const popup = await popupOf(page, page.getByTestId('save'));
  await page.getByTestId('draft-cancel').click();
  await expect.poll(() => popup.isClosed()).toBe(true);
  await expect(page.getByTestId('timeline-entry').last()).toHaveAttribute('data-outcome', 'aborted');
  await expect(page.getByTestId('notice')).toHaveCount(0);
  expect(await sessionText(page)).toBe(record);
  await page.getByTestId('new-appointment').click();
  await expect(page.getByTestId('draft-title')).toHaveValue('Changed my mind');
  await allow(await popupOf(page, page.getByTestId('save')));
  await expect(page.getByTestId('appointment').filter({ hasText: 'Changed my mind' })).toHaveCount(1);
});

test('the popup comes back to the app and shows nothing of it', async ({ page, demo, context }) => {
  await signInAndDraft(page, demo, 'No flash');
  const popup = await popupOf(page, page.getByTestId('save'));
  // The page is there, and its script has to wait.
  let goOn = () => {};
  const held = new Promise<void>((resolve) => { goOn = resolve; });
  await context.route('**/calendar.mjs', async (route) => {
    await held;
    await route.continue();
  });
  await allow(popup);
  await popup.waitForURL(`${demo.url}calendar/?*`, { waitUntil: 'commit' });
  await popup.waitForFunction(() => document.querySelector('main') && document.getAnimations().length > 0);
  // However long it took to get here: as in its first moment.
  const seen = await popup.evaluate(() => {
    for (const animation of document.getAnimations()) animation.currentTime = 0;
    return ['main', 'header', 'aside'].map((name) => getComputedStyle(document.querySelector(name)!).visibility);
  });
  expect(seen).toEqual(['hidden', 'hidden', 'hidden']);
  goOn();
  await expect.poll(() => popup.isClosed()).toBe(true);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'done');
  await expect(page.locator('main')).toBeVisible();
});

test('part of the upgrade is granted: new and old permissions, and what is missing', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`);
  await page.evaluate(async ([write, remove]) => {
    const { createClient } = await import('/pkg/index.js' as string);
    const config = await (await fetch('/config.json')).json();
    const client = await createClient({ clientId: 'calendar-app', issuer: config.issuer, redirectUri: '/calendar/', resource: config.resource });
    void client.upgrade([write, remove]);
  }, [WRITE, DELETE] as const);
  await allow(page, { but: [DELETE] });
  await expect(page.getByTestId(`status-${WRITE}`)).toHaveAttribute('data-status', 'granted');
  await expect(page.getByTestId(`status-${DELETE}`)).toHaveAttribute('data-status', 'denied');
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ, WRITE]);
  expect(await askApi(demo, await accessToken(page))).toBe(200);
  expectClean(page, '/calendar/');
});

test('somebody else answers in the popup: nothing changes, and it is said', async ({ page, demo }) => {
  await signInAndDraft(page, demo, 'Mine alone');
  const [record, token] = [await sessionText(page), await accessToken(page)];
  const popup = await popupOf(page, page.getByTestId('save'));
  await popup.getByTestId('other-account').click();
  await choose(popup, 'grace');
  await expect(popup.getByTestId('consent-account')).toHaveText('Grace Hopper');
  await allow(popup);
  await expect(page.getByTestId('draft-notice')).toContainText('somebody else');
  await expect(page.getByTestId('timeline-entry').last()).toHaveAttribute('data-outcome', 'subject_mismatch');
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId('draft-title')).toHaveValue('Mine alone');
  expect(await sessionText(page)).toBe(record);
  expect(await askApi(demo, token)).toBe(200);
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ]);

  // The server knows who is meant, whoever was there last.
  const opened = page.waitForEvent('popup');
  await page.getByTestId('save').click();
  const second = await opened;
  await choose(second, 'ada');
  await allow(second);
  await expect(page.getByTestId('appointment').filter({ hasText: 'Mine alone' })).toHaveCount(1);
});

test('without permission to read: the calendar says so, and asking again works', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`, 'ada', [READ]);
  await expect(page.getByTestId('no-read')).toBeVisible();
  const no = await popupOf(page, page.getByTestId('ask-again'));
  await no.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await expect(page.getByTestId('no-read')).toBeVisible();
  await allow(await popupOf(page, page.getByTestId('ask-again')));
  await expect(page.getByTestId('appointments')).toBeVisible();
});

test('deleting asks first, not again by itself after a no, and deletes after a yes', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`);
  const first = page.getByTestId('appointment').first();
  const id = await first.getAttribute('data-id');
  const seen = await watch(page);
  const popup = await popupOf(page, first.getByTestId('delete'));
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'waiting');
  await popup.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await expect(page.locator(`[data-id="${id}"]`)).toHaveCount(1);
  await expect.poll(() => windows(page)).toBe(1);

  // The same click once more: the no still stands, and nobody is asked.
  await first.getByTestId('delete').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await expect(first.getByTestId('delete')).toBeEnabled();
  expect(await seen.opened()).toEqual(['click']);

  const taken = await popupOf(page, page.getByTestId('ask-again'));
  await page.getByTestId('never-mind').click();
  await expect.poll(() => taken.isClosed()).toBe(true);
  await expect(page.getByTestId('notice')).toHaveCount(0);
  await expect(page.locator(`[data-id="${id}"]`)).toHaveCount(1);

  await first.getByTestId('delete').click();
  await allow(await popupOf(page, page.getByTestId('ask-again')));
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'done');
  await expect(page.locator(`[data-id="${id}"]`)).toHaveCount(0);
  expect(seen.loads).toBe(0);
});

test('C164 a scope that a user writes into the storage shows buttons, and gains nothing at the API', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`);
  await editSession(page, ({ grants }) => void grants[0]!.granted.unshift(WRITE));
  await page.reload();
  await expect(page.getByTestId(`status-${WRITE}`)).toHaveAttribute('data-status', 'granted');
  const response = await fetch(`${demo.api}/appointments`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await accessToken(page)}`, 'content-type': 'application/json' },
    body: JSON.stringify({ title: 'Forged', start: '2030-01-01T10:00' }),
  });
  expect(response.status).toBe(403);
  expect(response.headers.get('www-authenticate')).toContain('insufficient_scope');
});

test('C173 with offline access: after an upgrade the new refresh token works', async ({ page, demo }) => {
  const ask = (method: 'signIn' | 'upgrade') => page.evaluate(async ([method, write]) => {
    const { createClient } = await import('/pkg/index.js' as string);
    const config = await (await fetch('/config.json')).json();
    const scope = 'openid offline_access read:appointments';
    const client = await createClient({ clientId: 'calendar-app', issuer: config.issuer, redirectUri: '/calendar/', resource: config.resource, scope });
    void (method === 'signIn' ? client.signIn({ prompt: 'consent' }) : client.upgrade(write, { prompt: 'consent' }));
  }, [method, WRITE] as const);
  const refreshToken = async () => (await sessionRecord(page))?.grants[0]?.refreshToken;
  await page.goto(`${demo.url}calendar/`);
  await ask('signIn');
  await choose(page, 'ada');
  await allow(page);
  await expect(page.getByTestId('user-name')).toBeVisible();
  const old = await refreshToken();
  expect(old).toBeTruthy();
  await ask('upgrade');
  await allow(page);
  await expect(page.getByTestId(`status-${WRITE}`)).toHaveAttribute('data-status', 'granted');
  const fresh = await refreshToken();
  expect(fresh).toBeTruthy();
  expect(fresh).not.toBe(old);
  const response = await fetch(`${demo.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'calendar-app', refresh_token: fresh!, resource: 'urn:scopewise-demo:calendar' }),
  });
  const answer = await response.json();
  expect([response.status, answer.scope?.split(' ').includes(WRITE)]).toEqual([200, true]);
  expect(await askApi(demo, answer.access_token)).toBe(200);
});
