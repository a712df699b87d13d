// Asking in a popup: how it ends, and that nothing stays behind.
import { wholeBrowser } from '../../chromium.mjs';
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { editSession } from '../records.js';
import type { ScriptedServer } from '../server.js';
import { abortable, closed, expectNothingLeft, expectNothingOpen, follow, popupOf, seenAtWork, stop, watched } from '../windows.js';

for (const storage of ['session', 'local', 'memory'] as const) {
  test(`signing in by popup, with storage ${storage}`, async ({ app, server }) => {
    await watched(app, { storage });
    await app.open({ storage, scope: 'openid read:x' });
    server.authorize = () => undefined;
    const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup', appState: { page: 7 }, returnTo: '/inbox' });
    await follow(popup, server.approve(popup.url()));
    expect((await answer).value).toMatchObject({ kind: 'sign-in', outcome: 'granted', appState: { page: 7 }, returnTo: '/inbox' });
    await closed(popup);
    expect(await app.session()).toMatchObject({ signedIn: true, granted: ['openid', 'read:x'], claims: { sub: 'ada' } });
    expect((await app.call('getAccessToken')).value).toBe('access-1');
    expect(new URL(app.page.url()).pathname).toBe('/app/');
    expect(server.requests()).toHaveLength(1);
    await expectNothingLeft(app);
  });
}

for (const mode of ['popup', 'silent'] as const) {
  test(`an answer that is handled more than once where it comes, as by effects that run twice, is one answer: ${mode}`, async ({ app, server }) => {
    await watched(app);
    await app.page.context().addInitScript((options) => {
      if (location.pathname.startsWith('/cb') && (window.opener || window.parent !== window)) (globalThis as any).landing = [options, options, options];
    }, app.options());
    await app.open();
    expect((await app.call('signIn', { mode })).value).toMatchObject({ outcome: 'granted' });
    expect((await app.call('upgrade', 'write:x', { mode })).value).toMatchObject({ outcome: 'granted' });
    expect(server.requests()).toHaveLength(2);
    await expectNothingLeft(app);
  });
}

test('the answer may come in the fragment, and at once', async ({ app, server }) => {
  await watched(app);
  await app.open({ metadata: undefined, issuer: server.issuer });
  expect((await app.call('signIn', { mode: 'popup', responseMode: 'fragment' })).value).toMatchObject({ outcome: 'granted' });
  expect(server.requests()).toHaveLength(1);
  await expectNothingLeft(app);
});

test('a no to a sign-in, and an answer of somebody else, are errors; no request waits for more', async ({ app, server }) => {
  await watched(app);
  await app.open();
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  expectFailure(await app.call('signIn', { mode: 'popup', appState: 5, returnTo: '/inbox' }), 'access_denied', { appState: 5, returnTo: '/inbox' });
  server.authorize = (url) => server.approve(url, { iss: 'https://evil.example' });
  expectFailure(await app.call('signIn', { mode: 'popup' }), 'issuer_mismatch');
  expect(server.requests()).toHaveLength(0);
  expect(await app.records()).toEqual({});
  expect(app.page.context().pages()).toHaveLength(1);
  await expectNothingLeft(app);
});

/** A sign-in by popup fails before anything is sent, and leaves nothing. */
async function expectBlocked(app: App, server: ScriptedServer): Promise<void> {
  await watched(app);
  await app.open({ metadata: undefined, issuer: server.issuer });
  expectFailure(await app.call('signIn', { mode: 'popup' }), 'popup_blocked', { retryable: true });
  expect(await app.records()).toEqual({});
  expect(server.received).toEqual([]);
  await expectNothingLeft(app);
}

test('C253 a popup that the browser blocks: typed, and no request was made', async ({ app, server }) => {
  await app.page.addInitScript(() => { window.open = () => null; });
  await expectBlocked(app, server);
});

test('C253 a popup that a blocker closes as soon as it is open', async ({ app, server }) => {
  await app.page.addInitScript(() => {
    const open = window.open.bind(window);
    window.open = (...args) => {
      const popup = open(...args);
      popup?.close();
      return popup;
    };
  });
  await expectBlocked(app, server);
});

test('C253 C254 with the browser’s real popup blocker: opened in the click, however long the server takes', async ({ bareSite, server, playwright }) => {
  const browser = await playwright.chromium.launch(wholeBrowser('--disable-popup-blocking'));
  try {
    const app = new App(await browser.newPage(), bareSite, server);
    await watched(app);
    // What the test evaluates itself would count as a click.
    const options = JSON.stringify(app.options({ metadata: undefined, issuer: server.issuer }));
    const expression = `kit.open('main', ${options}).then(() => kit.call('main', 'signIn', { mode: 'popup' }))`;
    const cdp = await app.page.context().newCDPSession(app.page);
    const { result } = await cdp.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true, userGesture: false });
    expectFailure(result.value, 'popup_blocked');
    expect(server.received).toEqual([]);

    // Longer than a click allows popups for.
    server.discovery = ({ json }) => void setTimeout(() => json(server.metadata), 6_000);
    await app.page.evaluate(() => {
      const button = document.body.appendChild(document.createElement('button'));
      button.addEventListener('click', async () => { (globalThis as any).came = await kit.call('main', 'signIn', { mode: 'popup' }); });
    });
    const opened = app.page.waitForEvent('popup');
    await app.page.locator('button').click();
    expect((await opened).url()).toBe('about:blank');
    await expect.poll(() => app.page.evaluate(() => (globalThis as any).came?.value?.outcome)).toBe('granted');
  } finally {
    await browser.close();
  }
});

test('C254 the popup is opened in the call itself, and goes to the server later', async ({ app, server }) => {
  await watched(app);
  await app.open({ metadata: undefined, issuer: server.issuer });
  const seen = await app.page.evaluate(async () => {
    const { open } = window;
    const opened: unknown[] = [];
    window.open = (...args) => (opened.push(args[0]), open.apply(window, args));
    const answer = kit.call('main', 'signIn', { mode: 'popup' });
    const inTheCall = [...opened];
    return { inTheCall, opened, answer: await answer };
  });
  expect(seen).toMatchObject({ inTheCall: ['about:blank'], opened: ['about:blank'], answer: { value: { outcome: 'granted' } } });
});

test('the user closes the popup: typed, and the session is as it was', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  const before = await app.sessionText();
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'upgrade', 'write:x', { mode: 'popup' });
  await seenAtWork(app.page);
  await popup.close();
  expectFailure(await answer, 'popup_closed', { retryable: true });
  expect(await app.sessionText()).toBe(before);
  await expectNothingLeft(app);
});

test('the user closes the popup before the server is known', async ({ app, server }) => {
  await watched(app);
  await app.open({ metadata: undefined, issuer: server.issuer });
  const opened = app.page.waitForEvent('popup');
  server.discovery = async ({ json }) => {
    await (await opened).close();
    json(server.metadata);
  };
  const answer = app.call('signIn', { mode: 'popup' });
  expectFailure(await answer, 'popup_closed');
  expect(server.asks).toEqual([]);
  await expectNothingLeft(app);
});

test('the user closes the popup before the server’s page is there: it takes longer to be sure', async ({ app, server }) => {
  // A second is a hundredth.
  await app.page.addInitScript(() => {
    const { setInterval } = globalThis;
    (globalThis as any).setInterval = (work: () => void, ms: number) => setInterval(work, ms / 100);
  });
  await watched(app);
  await app.open();
  await app.page.context().route(`${server.issuer}/authorize?*`, () => {});
  const opened = app.page.waitForEvent('popup');
  const answer = app.call('signIn', { mode: 'popup' });
  const popup = await opened;
  await popup.close();
  expectFailure(await answer, 'popup_closed');
  await expectNothingLeft(app);
});

test('several popups at once, answered the other way round', async ({ app, server }) => {
  await watched(app);
  await app.open();
  server.authorize = () => undefined;
  const first = await popupOf(app, 'signIn', { mode: 'popup', appState: 1 });
  const second = await popupOf(app, 'signIn', { mode: 'popup', appState: 2 });
  const third = await popupOf(app, 'signIn', { mode: 'popup', appState: 3 });
  await follow(third.popup, server.approve(third.popup.url()));
  expect((await third.answer).value).toMatchObject({ appState: 3 });
  await follow(first.popup, server.reply(first.popup.url(), { error: 'access_denied' }));
  expectFailure(await first.answer, 'access_denied', { appState: 1 });
  expect(second.popup.isClosed()).toBe(false);
  await follow(second.popup, server.approve(second.popup.url()));
  expect((await second.answer).value).toMatchObject({ appState: 2 });
  for (const { popup } of [first, second, third]) await closed(popup);
  expect(server.requests()).toHaveLength(2);
  await expectNothingLeft(app);
});

test('a signal that is aborted before: no popup, no request', async ({ app, server }) => {
  await watched(app);
  await app.open({ metadata: undefined, issuer: server.issuer });
  const answer = await app.page.evaluate(() => kit.call('main', 'signIn', { mode: 'popup', signal: AbortSignal.abort() }));
  expectFailure(answer, 'aborted', { retryable: true });
  expect(app.page.context().pages()).toHaveLength(1);
  expect(server.received).toEqual([]);
  await expectNothingOpen(app);
});

test('a signal that is aborted while the server is looked up, and while the user is asked', async ({ app, server }) => {
  await watched(app);
  await app.open({ metadata: undefined, issuer: server.issuer });
  let goOn = () => {};
  server.discovery = ({ json }) => void (goOn = () => json(server.metadata));
  const opened = app.page.waitForEvent('popup');
  const early = abortable(app, 'signIn', { mode: 'popup' });
  const first = await opened;
  await expect.poll(() => server.received.length).toBe(1);
  await stop(app);
  expectFailure(await early, 'aborted');
  await closed(first);
  goOn();
  server.discovery = ({ json }) => json(server.metadata);
  await app.call('prepare');
  expect([server.asks, await app.records()]).toEqual([[], {}]);

  server.authorize = () => undefined;
  const late = abortable(app, 'signIn', { mode: 'popup' });
  const second = await app.page.waitForEvent('popup');
  await second.waitForURL(`${server.issuer}/authorize?*`);
  await stop(app);
  expectFailure(await late, 'aborted');
  await closed(second);
  expect(await app.records()).toEqual({});
  await expectNothingLeft(app);
});

test('what cannot be asked opens no popup', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x' });
  await app.page.evaluate(() => { window.open = () => { throw new Error('nothing is to be opened'); }; });
  expectFailure(await app.call('upgrade', 'read:x', { mode: 'popup' }), 'not_signed_in');
  await app.signIn();
  expect((await app.call('upgrade', 'read:x', { mode: 'popup', appState: 5 })).value).toMatchObject({ outcome: 'granted', missing: [], appState: 5 });
  expectFailure(await app.call('upgrade', [], { mode: 'popup' }), 'invalid_scope_syntax');
  expectFailure(await app.call('upgrade', '"', { mode: 'popup' }), 'invalid_scope_syntax');
  expectFailure(await app.call('signIn', { mode: 'popup', maxAge: 'old' as never }), 'invalid_options');
  expect([server.asks, server.requests().length]).toEqual([[], 1]);
  await expectNothingLeft(app);
});

test('a step-up opens one, however it is asked for', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  for (const more of [{ prompt: 'consent' }, { params: { prompt: 'consent' } }]) {
    const { value } = await app.call('upgrade', 'read:x', { mode: 'popup', ...more });
    expect(value).toMatchObject({ outcome: 'granted' });
  }
  expect(server.asks.map((url) => new URL(url).searchParams.get('prompt'))).toEqual(['consent', 'consent']);
});

test('a session that turns out to lack something after all: the popup opens in the click all the same', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x write:x' });
  await app.signIn();
  await editSession(app.page, ({ grants }) => {
    expect(grants.map(({ granted }) => granted)).toEqual([['openid', 'read:x', 'write:x']]);
    grants[0]!.granted = ['openid', 'read:x'];
  });
  expect((await app.call('upgrade', 'write:x', { mode: 'popup' })).value).toMatchObject({ outcome: 'granted', missing: [] });
  // Neither a second popup nor a hidden frame.
  expect(server.asks).toHaveLength(1);
  expect(new URL(server.asks[0]!).searchParams.get('prompt')).toBeNull();
  await expectNothingLeft(app);
});

test('an upgrade in a popup: granted, in part, denied, and by somebody else', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  const before = await app.sessionText();
  const ask = (scope: string) => app.call('upgrade', scope, { mode: 'popup' });

  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  expect((await ask('write:x')).value).toMatchObject({ kind: 'upgrade', outcome: 'denied', granted: ['openid', 'read:x'], missing: ['write:x'] });
  expect((await app.call('getAccessToken')).value).toBe('access-1');

  const afterNo = await app.sessionText();
  server.authorize = (url) => server.approve(url);
  server.sub = 'grace';
  expectFailure(await ask('write:x'), 'subject_mismatch');
  expect(await app.sessionText()).toBe(afterNo);
  expect((await app.session()).claims).toMatchObject({ sub: 'ada' });

  server.sub = 'ada';
  server.answer = { scope: 'openid read:x write:x' };
  expect((await ask('write:x delete:x')).value).toMatchObject({ outcome: 'partial', missing: ['delete:x'] });
  server.answer = {};
  expect((await ask('delete:x')).value).toMatchObject({ outcome: 'granted', granted: ['openid', 'read:x', 'write:x', 'delete:x'] });
  expect(await app.sessionText()).not.toBe(before);
  expect(app.page.context().pages()).toHaveLength(1);
  await expectNothingLeft(app);
});

test('C193 in a frame a redirect is refused, and a popup works', async ({ app, server }) => {
  await watched(app);
  await app.page.evaluate(() => new Promise((loaded) => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.addEventListener('load', loaded);
    frame.src = '/app/framed';
  }));
  const frame = app.page.frame({ url: /framed/ })!;
  await expect.poll(() => frame.evaluate(() => typeof kit)).toBe('object');
  const framed = new App(frame as never, app.origin, server);
  await framed.open({ scope: 'openid read:x' });
  expectFailure(await framed.call('signIn'), 'frame_blocked');
  expectFailure(await framed.call('signIn', { mode: 'silent' }), 'frame_blocked');
  expect(server.asks).toEqual([]);
  expect(await framed.records()).toEqual({});
  expect((await framed.call('signIn', { mode: 'popup' })).value).toMatchObject({ outcome: 'granted' });
  expectFailure(await framed.call('upgrade', 'write:x'), 'frame_blocked');
  expect((await framed.call('upgrade', 'write:x', { mode: 'popup' })).value).toMatchObject({ outcome: 'granted', granted: ['openid', 'read:x', 'write:x'] });
  expect(app.page.context().pages()).toHaveLength(1);
});
