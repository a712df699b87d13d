// Asking silently, in a hidden frame: how it ends, and that nothing stays behind.
import type { Frame } from '@playwright/test';
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { listen } from '../listen.js';
import { noteTimers, timers } from '../timers.js';
import { NOTHING, abortable, expectNothingLeft, open, stop, watched } from '../windows.js';

const silent = (app: App, more: object = {}) => app.call('signIn', { mode: 'silent', ...more });

for (const storage of ['session', 'local', 'memory'] as const) {
  test(`signing in silently, with storage ${storage}`, async ({ app, server }) => {
    await watched(app, { storage });
    await app.open({ storage, scope: 'openid read:x' });
    const answer = await silent(app, { appState: 7 });
    expect(answer.value).toMatchObject({ kind: 'sign-in', outcome: 'granted', appState: 7, returnTo: '/app/' });
    expect(await app.session()).toMatchObject({ signedIn: true, granted: ['openid', 'read:x'] });
    expect(server.asks.map((url) => new URL(url).searchParams.get('prompt'))).toEqual(['none']);
    expect(app.page.url()).toBe(`${app.origin}/app/`);
    expect(server.requests()).toHaveLength(1);
    await expectNothingLeft(app);
  });
}

test('asking silently adds nothing to the history: back leads to where it led', async ({ app, server }) => {
  await watched(app);
  await app.page.evaluate(() => history.pushState(null, '', '/app/notes'));
  const length = await app.page.evaluate(() => history.length);
  await app.open({ scope: 'openid read:x' });
  for (let turn = 0; turn < 3; turn += 1) expect((await silent(app)).value).toMatchObject({ outcome: 'granted' });
  server.authorize = (url) => server.reply(url, { error: 'login_required' });
  expectFailure(await silent(app), 'login_required');
  expect(await app.page.evaluate(() => history.length)).toBe(length);
  await app.page.goBack();
  expect(app.page.url()).toBe(`${app.origin}/app/`);
  expect(await app.session()).toMatchObject({ signedIn: true });
});

test('each frame has a name of its own: WebKit would show again what was in the one before, where the back button loads the page anew', async ({ app }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x' });
  await app.page.evaluate(() => {
    const names: string[] = ((globalThis as any).names = []);
    new MutationObserver((changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((node) => node instanceof HTMLIFrameElement && names.push(node.name))))
      .observe(document.documentElement, { childList: true });
  });
  for (let turn = 0; turn < 2; turn += 1) expect((await silent(app)).value).toMatchObject({ outcome: 'granted' });
  const names = await app.page.evaluate(() => (globalThis as any).names as string[]);
  expect(names).toHaveLength(2);
  expect(new Set(names).add('').size).toBe(3);
});

test('a page without a body asks all the same, and the answer may come in the fragment', async ({ app }) => {
  await watched(app);
  await app.open();
  await app.page.evaluate(() => document.body.remove());
  expect((await silent(app, { responseMode: 'fragment' })).value).toMatchObject({ outcome: 'granted' });
  await expectNothingLeft(app);
});

test('an upgrade may be silent, and a no keeps the session', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  const before = await app.sessionText();
  server.authorize = (url) => server.reply(url, { error: 'consent_required' });
  expectFailure(await app.call('upgrade', 'write:x', { mode: 'silent' }), 'consent_required');
  expect(await app.sessionText()).toBe(before);
  server.authorize = (url) => server.approve(url);
  expect((await app.call('upgrade', 'write:x', { mode: 'silent' })).value).toMatchObject({ kind: 'upgrade', outcome: 'granted' });
  await expectNothingLeft(app);
});

test('a token that has run out is followed by another, silently, and other audiences keep theirs', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x write:x' });
  server.answer = { expires_in: 0 };
  await app.signIn();
  server.answer = {};
  await app.handle(server.approve(await app.ask('upgrade', 'read:y', { audience: 'two' })));
  expectFailure(await app.call('getAccessToken', { scope: 'read:x' }), 'login_required');
  expect((await app.call('upgrade', 'read:x', { mode: 'silent' })).value).toMatchObject({ outcome: 'granted', granted: ['openid', 'read:x', 'write:x'] });
  expect((await app.call('getAccessToken', { scope: 'read:x write:x' })).value).toBe('access-3');
  expect((await app.call('getAccessToken', { audience: 'two', scope: 'read:y' })).value).toBe('access-2');
});

test('C266 nobody is signed in there: typed, asked once, and the session that is here stays', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x' });
  server.authorize = (url) => server.reply(url, { error: 'login_required', error_description: 'nobody is here' });
  expectFailure(await silent(app, { appState: 5 }), 'login_required', { appState: 5, description: 'nobody is here' });
  expect(await app.records()).toEqual({});
  await app.signIn();
  const before = await app.sessionText();
  expectFailure(await silent(app), 'login_required');
  expect(await app.sessionText()).toBe(before);
  expect((await app.call('getAccessToken', { scope: 'read:x' })).value).toBe('access-1');
  expect(server.asks).toHaveLength(2);
  expect(server.requests()).toHaveLength(1);
  expect(app.page.url()).toBe(`${app.origin}/app/`);
  await expectNothingLeft(app);
});

test('C268 a server whose cookies the browser keeps from frames: the session stays, and a popup works', async ({ app, server, context }) => {
  // Another site: in its frame it has no cookies.
  const issuer = server.issuer.replace('127.0.0.1', 'localhost');
  const metadata = { ...server.metadata, authorization_endpoint: `${issuer}/authorize` } as never;
  server.authorize = (url, { cookie = '' }) => {
    const asked = url.replace(server.issuer, issuer);
    return cookie.includes('sid=ada') ? server.approve(asked) : server.reply(asked, { error: 'login_required' });
  };
  await context.addCookies([{ name: 'sid', value: 'ada', url: issuer, sameSite: 'Lax' }]);
  await watched(app, { metadata });
  await app.open({ metadata });
  expect((await app.call('signIn', { mode: 'popup' })).value).toMatchObject({ outcome: 'granted' });
  const before = await app.sessionText();
  expectFailure(await silent(app), 'login_required');
  expect(await app.sessionText()).toBe(before);
  expect((await app.call('getAccessToken')).value).toBe('access-1');
  await expectNothingLeft(app);
});

const REFUSALS: [string, Record<string, string>, string?][] = [
  ['X-Frame-Options', { 'x-frame-options': 'DENY' }],
  ['frame-ancestors', { 'content-security-policy': "frame-ancestors 'none'" }],
  ['COEP of the page', {}, '/isolated/'],
];

for (const [what, headers, path] of REFUSALS) {
  test(`C269 a frame that ${what} forbids: a timeout in time, and no frame`, async ({ app, server, mayLog }) => {
    mayLog(/frame|ERR_BLOCKED_BY_RESPONSE/i);
    server.authorize = () => undefined;
    server.pageHeaders = headers;
    await watched(app, {}, path);
    await app.open({ timeout: 1_000 });
    await app.page.evaluate(noteTimers);
    expectFailure(await silent(app), 'timeout', { retryable: true });
    expect((await timers(app)).ranOut).toContain(1_000);
    expect(await app.records()).toEqual({});
    expect((await app.session()).signedIn).toBe(false);
    await expectNothingLeft(app);
  });
}

test('C270 a server that shows a page instead of an answer: a timeout, and the answer that comes later is used by nobody', async ({ app, server }) => {
  server.authorize = () => undefined;
  await watched(app);
  await app.open({ timeout: 1_000 });
  const answer = silent(app);
  const shown = () => app.page.frames().find((frame) => frame.url().startsWith(`${server.issuer}/authorize`));
  await expect.poll(shown).toBeTruthy();
  const url = server.approve((shown() as Frame).url());
  expectFailure(await answer, 'timeout', { retryable: true });
  await expectNothingLeft(app);
  await app.page.evaluate(([name, url]) => {
    window.postMessage({ [name]: url }, location.origin);
    new BroadcastChannel(name).postMessage(url);
  }, [`scopewise:${new URL(url).searchParams.get('state')}`, url] as const);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expectFailure(await app.handle(url), 'transaction_missing');
  expect(server.requests()).toHaveLength(0);
});

test('C272 another user is signed in there: nothing is stored, and their tokens are given up', async ({ app, server }) => {
  await watched(app);
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  const before = await app.sessionText();
  server.sub = 'grace';
  server.answer = { access_token: 'token-of-grace', refresh_token: 'renewal-of-grace' };
  expectFailure(await silent(app), 'subject_mismatch');
  expect(await app.sessionText()).toBe(before);
  expect((await app.session()).claims).toMatchObject({ sub: 'ada' });
  await expect.poll(() => server.requests('/revoke').map(({ form }) => form.get('token'))).toEqual(['renewal-of-grace']);
  // Whoever presses a button to sign in may change users.
  expect((await app.call('signIn', { mode: 'popup' })).value).toMatchObject({ outcome: 'granted' });
  expect((await app.session()).claims).toMatchObject({ sub: 'grace' });
  await expectNothingLeft(app);
});

test('C273 after fifty timeouts nothing is left', async ({ app, server }) => {
  server.authorize = () => undefined;
  await watched(app);
  await app.open({ timeout: 50 });
  const codes = await app.page.evaluate(async () => {
    const codes: (string | undefined)[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      const answers = await Promise.all([1, 2, 3, 4, 5].map(() => kit.call('main', 'signIn', { mode: 'silent' })));
      codes.push(...answers.map(({ error }) => error?.code));
    }
    return codes;
  });
  expect(codes).toEqual(Array(50).fill('timeout'));
  expect(await app.records()).toEqual({});
  await expectNothingLeft(app);
});

test('C274 an attacker that frames the callback page learns nothing', async ({ app, server, page, mayLog }) => {
  // The browser says that a message was not delivered.
  mayLog(/postMessage/);
  await watched(app);
  const url = `${app.origin}/cb?${new URLSearchParams({ code: 'code-1', state: 'planted', iss: server.issuer })}`;
  const attacker = await listen((_, response) => void response.writeHead(200, { 'content-type': 'text/html' })
    .end(`<link rel="icon" href="data:,"><script>heard=[];onmessage=({data})=>heard.push(data)</script><iframe src="${url.replaceAll('&', '&amp;')}"></iframe>`));
  for (const site of [attacker.origin, attacker.origin.replace('127.0.0.1', 'localhost')]) {
    await page.goto(site);
    const framed = () => page.frames().find((frame) => frame.url().startsWith(app.origin));
    await expect.poll(() => framed()?.evaluate(() => globalThis.kit?.answer?.error?.code)).toBe('transaction_missing');
    expect(framed()!.url()).toBe(`${app.origin}/cb`);
    expect(await page.evaluate('heard')).toEqual([]);
  }
  expect(server.requests()).toHaveLength(0);
  await attacker.close();
});

test('a signal that is aborted before and while: no frame, no request that waits', async ({ app, server }) => {
  server.authorize = () => undefined;
  await watched(app);
  await app.open();
  expectFailure(await app.page.evaluate(() => kit.call('main', 'signIn', { mode: 'silent', signal: AbortSignal.abort() })), 'aborted');
  expect(server.asks).toEqual([]);
  const answer = abortable(app, 'signIn', { mode: 'silent' });
  await expect.poll(async () => (await open(app)).frames).toBe(1);
  expect(await open(app)).not.toEqual(NOTHING);
  await stop(app);
  expectFailure(await answer, 'aborted', { retryable: true });
  expect(await app.records()).toEqual({});
  await expectNothingLeft(app);
});

test('silently means without a word: any other prompt is refused', async ({ app, server }) => {
  await watched(app);
  await app.open();
  expectFailure(await silent(app, { prompt: 'login' }), 'invalid_options');
  expect((await silent(app, { prompt: 'none' })).value).toMatchObject({ outcome: 'granted' });
  expect(server.asks.map((url) => new URL(url).searchParams.getAll('prompt'))).toEqual([['none']]);
});
