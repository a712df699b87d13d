// A client's end: closed by the application while it is at work, or dropped and collected.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { hold } from '../renewing.js';
import { noteTimers, timers } from '../timers.js';
import { expectNothingLeft, popupOf, seenAtWork, watched } from '../windows.js';

test('C317 a part of the page that is taken down in the middle leaves no listener, timer, frame, window or lock', async ({ app, server }) => {
  server.refreshes = true;
  server.authorize = () => undefined;
  await watched(app, { storage: 'local' });
  await app.open({ scope: 'openid read:x offline_access', storage: 'local' });
  await app.signIn();
  const release = hold(app);
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  const calls = app.page.evaluate(() => {
    (globalThis as any).ended = kit.clients['main'].subscribe(() => {});
    return Promise.all([kit.call('main', 'signIn', { mode: 'silent' }), kit.call('main', 'getAccessToken', { forceRefresh: true }), kit.call('main', 'upgrade', 'write:x', { mode: 'silent' })]);
  });
  await expect.poll(() => app.page.evaluate(() => document.querySelectorAll('iframe').length)).toBe(2);
  await app.call('close');
  for (const one of [await answer, ...(await calls)]) expectFailure(one, 'aborted');
  await expect.poll(() => popup.isClosed()).toBe(true);
  // Its refresh was sent, and is stored for the next: then its lock is given back.
  release();
  await expect.poll(() => app.page.evaluate(async () => (await navigator.locks.query()).held!.filter(({ mode }) => mode === 'exclusive').length)).toBe(0);
  await app.page.evaluate(() => delete kit.clients['main']);
  await expectNothingLeft(app);
});

test('an application with zones is at rest while a token lasts', async ({ app }) => {
  // As zone.js does it: it counts the timers of the function that it puts there, and keeps the platform's own.
  await app.page.evaluate(() => Object.assign(globalThis, { Zone: { __symbol__: (name: string) => `__zone_symbol__${name}` }, __zone_symbol__setTimeout: setTimeout }));
  await app.page.evaluate(noteTimers);
  await app.open();
  await app.signIn();
  expect((await timers(app)).set).toEqual([]);
});

test('an application with zones is at rest while a popup is open', async ({ app, server }) => {
  server.authorize = () => undefined;
  await app.open();
  await app.call('prepare');
  await app.page.evaluate(() => Object.assign(globalThis, { Zone: { __symbol__: (name: string) => `__zone_symbol__${name}` }, __zone_symbol__setInterval: setInterval, __zone_symbol__setTimeout: setTimeout }));
  await app.page.evaluate(noteTimers);
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  expect((await timers(app)).set).toEqual([]);
  // It is looked at all the same.
  await seenAtWork(app.page);
  await popup.close();
  expectFailure(await answer, 'popup_closed');
});

test('C309 a client that was closed says so at every call', async ({ app }) => {
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  await app.call('close');
  await app.call('close');
  const methods: [string, ...unknown[]][] = [
    ['authorizeUrl'], ['prepare'], ['signIn'], ['signIn', { mode: 'silent' }], ['upgrade', 'write:x'], ['handleCallback'], ['hasScope', 'read:x'], ['hasAnyScope', 'read:x'], ['missingScopes', 'read:x'],
    ['scopeStatus', 'read:x'], ['explainScope', 'read:x'], ['scopeReport'], ['getAccessToken'], ['fetch', '/api'], ['idToken'], ['userInfo'], ['signOut', { local: true }],
  ];
  for (const [method, ...args] of methods) expectFailure(await app.call(method as 'prepare', ...(args as [])), 'invalid_options');
  expect((await app.session()).signedIn).toBe(true);
});

test('C309 a client that nobody holds any more, collected while its call is under way: the call ends as if it were held', async ({ app, server }) => {
  server.refreshes = true;
  await app.open({ scope: 'openid read:x offline_access' });
  await app.signIn();
  const release = hold(app);
  const refresh = app.call('getAccessToken', { forceRefresh: true });
  await expect.poll(() => server.requests().length).toBe(2);
  await app.page.evaluate(() => delete kit.clients['main']);
  const browser = await app.page.context().newCDPSession(app.page);
  for (let turn = 0; turn < 3; turn += 1) await browser.send('HeapProfiler.collectGarbage');
  release();
  expect((await refresh).value).toBe('access-2');
  for (let turn = 0; turn < 3; turn += 1) await browser.send('HeapProfiler.collectGarbage');
  await app.open({ scope: 'openid read:x offline_access' });
  expect((await app.call('getAccessToken')).value).toBe('access-2');
});
