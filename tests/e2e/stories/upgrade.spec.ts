// Daybook: more permissions when they are needed, and a session that no answer can spoil.
import type { Page } from '@playwright/test';
import { expect, test, type Demo } from '../fixtures.js';
import { accessToken, allow, askApi, choose, expectClean, member, scopes, sessionRecord, signIn } from './people.js';

const READ = 'read:appointments';
const WRITE = 'write:appointments';
const DELETE = 'delete:appointments';

async function signInAndDraft(page: Page, demo: Demo, title: string): Promise<void> {
  await signIn(page, `${demo.url}calendar/`);
  await expect(page.getByTestId('appointments')).toBeVisible();
  await page.getByTestId('new-appointment').click();
  await page.getByTestId('draft-title').fill(title);
  await page.getByTestId('draft-place').fill('Café & <Bar>');
}

test('the upgrade is granted: the draft is saved where the user was', async ({ page, demo }) => {
  await signInAndDraft(page, demo, 'Tea with Grace');
  await page.getByTestId('save').click();
  await expect(page.getByTestId('asked')).toContainText('Create appointments');
  await expect(page.getByTestId(`already-${READ}`)).toBeVisible();
  await allow(page);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'done');
  await expect(page.getByTestId('appointment').filter({ hasText: 'Tea with Grace' })).toHaveCount(1);
  await expect(page.getByTestId('appointment').filter({ hasText: 'Café & <Bar>' })).toHaveCount(1);
  expectClean(page, '/calendar/');
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ, WRITE]);
  await expect(page.getByTestId('timeline-entry').last()).toHaveAttribute('data-outcome', 'granted');

  // Held from now on: nothing is asked again, and a reload saves nothing twice.
  await page.reload();
  await expect(page.getByTestId('appointment').filter({ hasText: 'Tea with Grace' })).toHaveCount(1);
  await page.getByTestId('new-appointment').click();
  await page.getByTestId('draft-title').fill('Second cup');
  await page.getByTestId('save').click();
  await expect(page.getByTestId('appointment').filter({ hasText: 'Second cup' })).toHaveCount(1);
});

for (const [how, answer] of [
  ['denied', (page: Page) => page.getByTestId('deny').click()],
  ['unticked', (page: Page) => allow(page, { but: [WRITE] })],
] as const) {
  test(`the upgrade is ${how}: draft, session and reading stay`, async ({ page, demo }) => {
    const title = `Not today (${how})`;
    await signInAndDraft(page, demo, title);
    const [record, token] = [await sessionRecord(page), await accessToken(page)];
    await page.getByTestId('save').click();
    await expect(page.getByTestId('asked')).toBeVisible();
    await answer(page);
    await expect(page.getByTestId('draft-notice')).toContainText('nothing was saved');
    await expect(page.getByTestId('draft-title')).toHaveValue(title);
    await expect(page.getByTestId('draft-place')).toHaveValue('Café & <Bar>');
    await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
    await expect(page.getByTestId('appointments')).toBeVisible();
    await expect(page.getByTestId(`status-${WRITE}`)).toHaveAttribute('data-status', 'denied');
    await expect(page.getByTestId('timeline-entry').last()).toHaveAttribute('data-outcome', 'denied');
    expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ]);
    expectClean(page, '/calendar/');
    if (how === 'denied') expect(await sessionRecord(page)).toBe(record);
    expect(await askApi(demo, token)).toBe(200);
    expect(await askApi(demo, await accessToken(page))).toBe(200);

    // A no is an answer to one question. The user may ask for it again.
    await page.getByTestId('ask-again').click();
    await allow(page);
    await expect(page.getByTestId('appointment').filter({ hasText: title })).toHaveCount(1);
  });
}

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

test('somebody else answers the upgrade: nothing changes, and it is said', async ({ page, demo }) => {
  await signInAndDraft(page, demo, 'Mine alone');
  const [record, token] = [await sessionRecord(page), await accessToken(page)];
  await page.getByTestId('save').click();
  await page.getByTestId('other-account').click();
  await choose(page, 'grace');
  await expect(page.getByTestId('consent-account')).toHaveText('Grace Hopper');
  await allow(page);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'subject_mismatch');
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await expect(page.getByTestId('draft-title')).toHaveValue('Mine alone');
  expect(await sessionRecord(page)).toBe(record);
  expect(await askApi(demo, token)).toBe(200);
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ]);
  expectClean(page, '/calendar/');
});

test('without permission to read: the calendar says so, and asking again works', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`, 'ada', [READ]);
  await expect(page.getByTestId('no-read')).toBeVisible();
  await page.getByTestId('ask-again').click();
  await allow(page);
  await expect(page.getByTestId('appointments')).toBeVisible();
});

test('deleting asks first, and deletes after a yes', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`);
  const first = page.getByTestId('appointment').first();
  const id = await first.getAttribute('data-id');
  await first.getByTestId('delete').click();
  await page.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await expect(page.locator(`[data-id="${id}"]`)).toHaveCount(1);
  await page.getByTestId('ask-again').click();
  await allow(page);
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'done');
  await expect(page.locator(`[data-id="${id}"]`)).toHaveCount(0);
});

test('C164 a scope that a user writes into the storage shows buttons, and gains nothing at the API', async ({ page, demo }) => {
  await signIn(page, `${demo.url}calendar/`);
  await page.evaluate((write) => {
    const key = Object.keys(sessionStorage).find((key) => key.endsWith(':session'))!;
    sessionStorage.setItem(key, sessionStorage.getItem(key)!.replace(/\x1egranted=/, `\x1egranted=${write} `));
  }, WRITE);
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
  const refreshToken = async () => member((await sessionRecord(page)) ?? '', 'refresh_token');
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
