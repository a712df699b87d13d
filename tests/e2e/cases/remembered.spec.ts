// What a user granted by upgrades is asked for again at this user's next sign-in.
import type { App } from '../app.js';
import { expect, test } from '../fixtures.js';
import { expectNothingLeft, watched } from '../windows.js';

const REMEMBERING = { rememberScopes: true, scope: 'openid read:x' };

const popup = async (app: App, more: object = {}) => (await app.call('signIn', { mode: 'popup', ...more })).value!;
const leave = async (app: App, more: object = {}) => expect(await app.call('signOut', { local: true, ...more })).toEqual({});
const remembered = async (app: App) => (await app.call('scopeReport')).value!.remembered;
const note = async (app: App) => Object.entries(await app.records('local')).find(([key]) => key.endsWith(':remembered'))?.[1];
const requests = (app: App) => app.server.asks.splice(0).map((url) => {
  const { searchParams } = new URL(url);
  return [searchParams.get('prompt'), searchParams.get('scope')];
});

for (const storage of ['session', 'local', 'indexeddb', 'memory', 'worker'] as const) {
  test(`an upgrade of last week is there again after a sign-in, with storage ${storage}`, async ({ app, server }) => {
    const options = { ...REMEMBERING, storage };
    await watched(app, options);
    await app.open(options);
    await popup(app);
    expect(await remembered(app)).toEqual([]);
    await app.call('upgrade', 'write:x', { mode: 'popup' });
    expect(await remembered(app)).toEqual(['write:x']);
    expect(await note(app)).toMatch(/"scopes":\["write:x"\]/);
    expect(await note(app)).not.toMatch(/access-\d|refresh-\d|code-\d|eyJ/);
    await leave(app);
    requests(app);

    // Another page, without a hint: silently, once it is known who came.
    await app.goto();
    await app.open(options);
    expect(await popup(app)).toMatchObject({ requested: ['openid', 'read:x'], granted: ['openid', 'read:x'] });
    await expect.poll(async () => (await app.session()).granted).toEqual(['openid', 'read:x', 'write:x']);
    expect(requests(app)).toEqual([[null, 'openid read:x'], ['none', 'openid read:x write:x']]);
    await expectNothingLeft(app);

    // With a hint: in the request itself.
    await leave(app);
    expect(await popup(app, { loginHint: 'ada' })).toMatchObject({ granted: ['openid', 'read:x', 'write:x'] });
    expect(requests(app)).toEqual([[null, 'openid read:x write:x']]);

    // Somebody else gets nothing of it.
    await leave(app);
    server.sub = 'grace';
    await popup(app);
    expect(await remembered(app)).toEqual([]);
    expect(await app.call('signOut', { local: true, forget: true })).toEqual({});
    expect(await note(app)).toMatch(/"sub":"ada"/);
    server.sub = 'ada';
    await popup(app, { loginHint: 'ada' });
    requests(app);
    await leave(app, { forget: true });
    expect(await note(app)).toBeUndefined();
    expect(await popup(app, { loginHint: 'ada' })).toMatchObject({ requested: ['openid', 'read:x'] });
    expect(requests(app)).toEqual([[null, 'openid read:x']]);
  });
}

test('a server that wants to ask again is not asked twice, and the session stays as it was', async ({ app, server }) => {
  await watched(app, REMEMBERING);
  await app.open(REMEMBERING);
  await popup(app);
  await app.call('upgrade', 'write:x', { mode: 'popup' });
  await leave(app);
  requests(app);
  server.authorize = (url) => (url.includes('prompt=none') ? server.reply(url, { error: 'consent_required' }) : server.approve(url));
  await popup(app);
  await expect.poll(() => app.server.asks.length).toBe(2);
  await expect(() => expectNothingLeft(app)).toPass();
  expect(await app.session()).toMatchObject({ granted: ['openid', 'read:x'], denied: [] });
  expect(await remembered(app)).toEqual(['write:x']);
  // The user's no is the end of it.
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  await app.call('upgrade', 'write:x', { mode: 'popup' });
  expect(await note(app)).toBeUndefined();
});

test('a client without the option reports nothing, notes nothing and leaves a note alone', async ({ app }) => {
  await watched(app, REMEMBERING);
  await app.open(REMEMBERING);
  await popup(app);
  await app.call('upgrade', 'write:x', { mode: 'popup' });
  await leave(app);
  const before = await note(app);
  requests(app);
  const other = app.as('other');
  await other.open({ scope: 'openid read:x' });
  await popup(other, { loginHint: 'ada' });
  await other.call('upgrade', 'admin', { mode: 'popup' });
  expect(await remembered(other)).toBeUndefined();
  expect(requests(app)).toEqual([[null, 'openid read:x'], [null, 'openid read:x admin']]);
  expect(await note(app)).toBe(before);
});
