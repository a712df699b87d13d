// Several tabs of one browser: what one does the others know, and a refresh token is sent once.
import { expectFailure } from '../app.js';
import { test } from '../api.js';
import { expect } from '../fixtures.js';
import { attend, hold, pass, refreshes, renewable, setClock, shows, tab, token } from '../renewing.js';
import { noteTimers, waits } from '../timers.js';

for (const storage of ['local', 'indexeddb'] as const) {
  test(`C210 C281 what one tab does the others are told (${storage})`, async ({ app }) => {
    const other = await tab(app, { storage });
    await attend(other);
    await shows(other, () => renewable(app, 3600, { storage }), { signedIn: true, granted: ['openid', 'read:x', 'offline_access'] });
    await shows(other, () => app.upgrade('write:x'), { granted: ['openid', 'read:x', 'offline_access', 'write:x'] });
    expect((await other.call('hasScope', 'write:x')).value).toBe(true);
    const { expiresAt } = await app.session();
    app.server.answer = { expires_in: 7200 };
    await app.call('getAccessToken', { forceRefresh: true });
    await expect.poll(async () => (await other.session()).expiresAt).toBeGreaterThan(expiresAt! + 3000);
    expect(await token(other)).toBe(await token(app));
    expect(refreshes(app)).toHaveLength(1);
    await shows(other, () => app.call('signOut', { local: true }), { signedIn: false, granted: [], claims: null });
    expectFailure(await other.call('getAccessToken'), 'not_signed_in');
  });

  test(`C210 a tab that is signed out does not store the answer to its refresh (${storage})`, async ({ app, server }) => {
    await renewable(app, 3600, { storage });
    const other = await tab(app, { storage });
    const release = hold(app);
    const refreshing = other.call('getAccessToken', { forceRefresh: true });
    await expect.poll(() => refreshes(app).length).toBe(1);
    await app.call('signOut', { local: true });
    release();
    expectFailure(await refreshing, 'not_signed_in');
    for (const one of [app, other, await tab(app, { storage })]) expect((await one.session()).signedIn).toBe(false);
    await expect.poll(() => server.requests('/revoke').map(({ form }) => form.get('token'))).toEqual(['refresh-2']);
  });

  test(`C225 a tab whose refresh is refused takes the token that another one stored (${storage})`, async ({ app, server }) => {
    await renewable(app, 3600, { storage });
    const other = await tab(app, { storage });
    const { token: answer } = server;
    let refuse = () => {};
    server.token = ({ json }) => new Promise((resolve) => (refuse = () => resolve(json({ error: 'invalid_grant' }, 400))));
    const refreshing = other.call('getAccessToken', { forceRefresh: true });
    await expect.poll(() => refreshes(app).length).toBe(1);
    server.token = answer;
    await app.signIn();
    refuse();
    expect((await refreshing).value).toBe(await token(app));
    expect((await other.session()).signedIn).toBe(true);
    expect((await app.session()).signedIn).toBe(true);
  });

  test(`C229 twenty tabs wake after a long sleep: one request (${storage})`, async ({ app }) => {
    test.slow();
    await renewable(app, 1, { storage });
    const tabs = await Promise.all(Array.from({ length: 19 }, () => tab(app, { storage })));
    await pass(app);
    app.server.answer = { expires_in: 3600 };
    const before = refreshes(app).length;
    await Promise.all([app, ...tabs].map(({ page }) => page.evaluate(() => dispatchEvent(new Event('online')))));
    await expect.poll(() => refreshes(app).length).toBe(before + 1);
    const tokens = await Promise.all([app, ...tabs].map((one) => token(one)));
    await app.page.waitForTimeout(1500);
    expect(new Set(tokens).size).toBe(1);
    expect(refreshes(app)).toHaveLength(before + 1);
  });

  test(`C217 a tab is closed in the middle of a refresh: the others go on, and send its token no second time (${storage})`, async ({ app, server }) => {
    await renewable(app, 1, { storage });
    const other = await tab(app, { storage });
    await pass(app);
    server.token = () => {};
    void other.call('getAccessToken').catch(() => {});
    await expect.poll(() => refreshes(app).length).toBe(1);
    await app.page.evaluate(noteTimers);
    const waiting = app.call('getAccessToken');
    await app.page.waitForTimeout(300);
    await other.page.close();
    expectFailure(await waiting, 'token_response_lost');
    // The turn comes as the tab goes. Asked silently, this server does not answer in time.
    expect(await waits(app)).toEqual([3000]);
    expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'token_response_lost');
    expect(refreshes(app)).toHaveLength(1);
    expect((await app.session()).signedIn).toBe(true);
  });
}

test('C210 storage of each tab’s own: a sign-out is one for all', async ({ app }) => {
  for (const storage of ['session', 'memory'] as const) {
    await app.goto();
    await app.open({ storage });
    await app.signIn();
    const other = await tab(app, { storage });
    await other.signIn();
    await attend(other);
    await shows(other, () => app.call('signOut', { local: true }), { signedIn: false });
    await other.page.close();
  }
});

test('C210 without BroadcastChannel the storage tells of changes', async ({ app, context }) => {
  await context.addInitScript(() => {
    delete (globalThis as any).BroadcastChannel;
  });
  await app.goto();
  const other = await tab(app, { storage: 'local' });
  await attend(other);
  await shows(other, () => renewable(app, 3600, { storage: 'local' }), { signedIn: true });
  await shows(other, () => app.call('signOut', { local: true }), { signedIn: false });
});

test('C208 somebody clears localStorage in the middle: all tabs are signed out, and may sign in again', async ({ app }) => {
  const more = { storage: 'local' } as const;
  await renewable(app, 3600, more);
  const other = await tab(app, more);
  await app.page.evaluate(() => localStorage.clear());
  await expect.poll(async () => (await other.session()).signedIn).toBe(false);
  expectFailure(await other.call('getAccessToken'), 'not_signed_in');
  expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'not_signed_in');
  expect((await app.session()).signedIn).toBe(false);
  expect(refreshes(app)).toHaveLength(0);
  await other.signIn();
  await expect.poll(async () => (await app.session()).signedIn).toBe(true);
});

test('C209 what an event says of the storage is not believed: it is read again', async ({ app }) => {
  await app.open({ storage: 'local' });
  await app.signIn();
  const before = await app.session();
  const [key] = await app.keys(':session', 'local');
  await app.page.evaluate(async (key) => {
    const record = localStorage.getItem(key)!;
    for (const newValue of [record.replaceAll('ada', 'eve'), 'rubbish', '', null]) dispatchEvent(new StorageEvent('storage', { key, newValue, oldValue: record, storageArea: localStorage }));
    dispatchEvent(new StorageEvent('storage', { key: null }));
    const channel = new BroadcastChannel(key);
    for (const message of [{ signedIn: true }, null, 7, 'x'.repeat(1e6), record, 'z', '', ['o']]) channel.postMessage(message);
    // One after them all.
    await new Promise((resolve) => setTimeout(resolve, 500));
    channel.close();
  }, key!);
  expect(await app.session()).toEqual(before);
  expect((await app.call('getAccessToken')).value).toBe('access-1');
  // What really stands there is taken.
  await app.page.evaluate((key) => {
    localStorage.removeItem(key);
    dispatchEvent(new StorageEvent('storage', { key, newValue: 'still here' }));
  }, key!);
  await expect.poll(async () => (await app.session()).signedIn).toBe(false);
});

test('C218 a tab is frozen in the middle of a refresh: the others wait for some time, and its late answer changes nothing', async ({ app, server, context }) => {
  const more = { storage: 'local', timeout: 2000 } as const;
  await renewable(app, 3600, more);
  const frozen = await tab(app, { ...more, timeout: 30_000 });
  const devtools = await context.newCDPSession(frozen.page);
  const { token: answer } = server;
  let reply = () => {};
  server.token = (exchange) => new Promise((resolve) => (reply = () => resolve(answer(exchange))));
  const refreshing = frozen.call('getAccessToken', { forceRefresh: true });
  await expect.poll(() => refreshes(app).length).toBe(1);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  await app.page.evaluate(noteTimers);
  expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'timeout', { retryable: true });
  expect(await waits(app)).toEqual([5 * more.timeout]);
  // The token that is there is still good, and so is another sign-in.
  expect(await token(app)).toBe('access-1');
  server.token = answer;
  await app.signIn();
  reply();
  await app.page.waitForTimeout(500);
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  const stored = await token(app);
  expect((await refreshing).value).toBe(stored);
  const later = await tab(app, more);
  expect(await token(later)).toBe(stored);
  expect(await token(app)).toBe(stored);
});

test('C221 without locks over tabs nobody sends a refresh token: tokens last until they run out', async ({ app, context }) => {
  await context.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
  await app.goto();
  for (const [turn, storage] of (['session', 'local'] as const).entries()) {
    await renewable(app, 300, { storage });
    expect(await token(app)).toMatch(/^access-/);
    await setClock(app, (turn + 1) * 301);
    expectFailure(await app.call('getAccessToken'), 'login_required');
    expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'login_required');
    expect((await app.session()).signedIn).toBe(true);
    await app.call('signOut', { local: true });
  }
  expect(refreshes(app)).toHaveLength(0);
  // What this page has alone it may send.
  await renewable(app, 3600, { storage: 'memory' });
  const tokens = await app.page.evaluate((name) => Promise.all([1, 2, 3].map(() => kit.clients[name].getAccessToken({ forceRefresh: true }))), app.name);
  expect(new Set(tokens).size).toBe(1);
  expect(refreshes(app)).toHaveLength(1);
});
