// When tokens are renewed, and what becomes of an answer that nobody waits for any more.
import { type App, expectFailure } from '../app.js';
import { call, refusal, test } from '../api.js';
import { expect } from '../fixtures.js';
import { hold, pass, refreshes, renewable, setClock, token } from '../renewing.js';
import { noteTimers, waits } from '../timers.js';
import { stop } from '../windows.js';

const SCOPE = 'openid read:x offline_access';
const stored = (app: App) => app.sessionText();

test('C222 a rotated refresh token is stored before the caller has its access token, and the old one forgotten', async ({ app }) => {
  await renewable(app, 3600);
  const record = await app.page.evaluate(async (name) => {
    await kit.clients[name].getAccessToken({ forceRefresh: true });
    return JSON.stringify({ ...sessionStorage });
  }, app.name);
  expect(record).toContain('refresh-2');
  expect(record).toContain('access-2');
  expect(record).not.toMatch(/refresh-1|access-1/);
});

test('C222 a server that does not rotate: the refresh token stays', async ({ app, server }) => {
  await renewable(app, 3600);
  server.token = ({ json }) => json({ access_token: `access-${server.requests().length}`, token_type: 'Bearer', expires_in: 3600 });
  expect(await token(app, { forceRefresh: true })).toBe('access-2');
  expect(await token(app, { forceRefresh: true })).toBe('access-3');
  expect(refreshes(app).map(({ form }) => form.get('refresh_token'))).toEqual(['refresh-1', 'refresh-1']);
});

test('C224 the tab is gone before the rotated token is stored: one try by the next page, then signed out', async ({ app, server }) => {
  await renewable(app, 3600);
  const { token: answer } = server;
  // The server rotates, and nobody hears of it.
  server.token = (exchange) => void exchange.tokens;
  void app.call('getAccessToken', { forceRefresh: true }).catch(() => {});
  await expect.poll(() => refreshes(app).length).toBe(1);
  await app.goto();
  server.token = answer;
  await app.open({ scope: SCOPE });
  expect((await app.session()).signedIn).toBe(true);
  expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'invalid_grant');
  expect((await app.session()).signedIn).toBe(false);
  for (let i = 0; i < 3; i += 1) expectFailure(await app.call('getAccessToken'), 'not_signed_in');
  expect(refreshes(app)).toHaveLength(2);
  expect(await stored(app)).toBeUndefined();
});

test('C097 the page is left in the middle of an exchange: nothing half-written, and the code is not sent again', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  const callback = server.approve(url);
  server.token = () => {};
  void app.handle(callback).catch(() => {});
  await expect.poll(() => server.requests().length).toBe(1);
  await app.goto();
  await app.open();
  expect((await app.session()).signedIn).toBe(false);
  expect(await stored(app)).toBeUndefined();
  expectFailure(await app.handle(callback), 'token_response_lost');
  expect(server.requests()).toHaveLength(1);
});

test('C226 offline: the session stays, nothing is asked for over and over, and there is one try once online', async ({ app, context, server }) => {
  await renewable(app, 1);
  await pass(app);
  // Loopback is there without any network: it is the network that fails.
  await context.setOffline(true);
  for (let i = 0; i < 5; i += 1) expect((await app.call('getAccessToken')).error).toBeDefined();
  expect(refreshes(app)).toHaveLength(0);
  expect((await app.session()).signedIn).toBe(true);
  server.answer = { expires_in: 3600 };
  await context.setOffline(false);
  await app.page.waitForTimeout(3_000);
  const tries = refreshes(app).length;
  expect(tries).toBeLessThanOrEqual(1);
});

test('C226 offline, where that is known before anything is sent: one try once online, by itself', async ({ app, server, page }) => {
  // Another host than this machine's.
  const metadata = { ...server.metadata, token_endpoint: 'https://id.example/token' } as never;
  let tries = 0;
  await page.route('https://id.example/token', (route) => {
    tries += 1;
    const answer = { access_token: `access-${tries}`, token_type: 'Bearer', expires_in: tries > 1 ? 3600 : 1, refresh_token: `refresh-${tries}`, scope: SCOPE.replace('openid ', '') };
    return route.fulfill({ json: answer, headers: { 'access-control-allow-origin': '*' } });
  });
  await app.open({ scope: 'read:x offline_access', metadata });
  await app.signIn();
  await pass(app);
  await page.evaluate(() => Object.defineProperty(navigator, 'onLine', { configurable: true, value: false }));
  for (let i = 0; i < 5; i += 1) {
    expectFailure(await app.call('getAccessToken'), 'network', { retryable: true });
    await page.waitForTimeout(600);
  }
  expect(tries).toBe(1);
  expect((await app.session()).signedIn).toBe(true);
  expect((await app.sessionRecord())!.grants.map(({ refresh }) => refresh)).toEqual([undefined]);
  await page.evaluate(() => {
    delete (navigator as any).onLine;
    dispatchEvent(new Event('online'));
  });
  await expect.poll(() => tries).toBe(2);
  expect(await token(app)).toBe('access-2');
  expect(tries).toBe(2);
});

test('C228 the clock jumps ahead, as after a sleep: one refresh', async ({ app, server }) => {
  await renewable(app, 1800);
  server.answer = { expires_in: 3600 };
  await setClock(app, 3600);
  for (let i = 0; i < 5; i += 1) expect(await token(app)).toBe('access-2');
  expect(refreshes(app)).toHaveLength(1);
  // Back again: the page goes on from where it was.
  await setClock(app, 0);
  for (let i = 0; i < 5; i += 1) expect(await token(app)).toBe('access-2');
  expect(refreshes(app)).toHaveLength(1);
});

test('C228 the clock is put back: what ran out stays so, and a new token is not renewed over and over', async ({ app }) => {
  await renewable(app, 1);
  await pass(app);
  expect(await token(app)).toBe('access-2');
  await pass(app);
  await setClock(app, -3600);
  app.server.answer = { expires_in: 600 };
  for (let i = 0; i < 5; i += 1) expect(await token(app)).toBe('access-3');
  expect(refreshes(app)).toHaveLength(2);
});

test('C228 the clock is put back before a refresh whose answer is lost: its token is still not sent again by this page', async ({ app, server }) => {
  await renewable(app, 3600);
  await setClock(app, -3600);
  server.token = ({ response }) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{', () => response.destroy());
  for (let i = 0; i < 3; i += 1) expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'token_response_lost');
  expect(refreshes(app)).toHaveLength(1);
});

test('C230 a token that ran out while the page could not be seen is renewed when it can be, or at the next use', async ({ app, server }) => {
  await renewable(app, 1);
  const show = (isHidden: boolean) => app.page.evaluate((isHidden) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value: isHidden });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
  await show(true);
  await pass(app);
  expect(refreshes(app)).toHaveLength(0);
  server.answer = { expires_in: 3600 };
  await show(false);
  await expect.poll(() => refreshes(app).length).toBe(1);
  expect(await token(app)).toBe('access-2');
  // Nothing to do while it lasts.
  await show(true);
  await show(false);
  await app.page.waitForTimeout(1_500);
  expect(refreshes(app)).toHaveLength(1);
});

test('C233 a refresh that is answered after an upgrade: the upgrade’s token stays, and the late one is dropped', async ({ app, server }) => {
  await renewable(app, 3600);
  const { token: answer } = server;
  let reply = () => {};
  server.token = (exchange) => new Promise((resolve) => (reply = () => resolve(exchange.json({ access_token: 'access-late', token_type: 'Bearer', refresh_token: 'refresh-late', expires_in: 3600 }))));
  const refreshing = app.call('getAccessToken', { forceRefresh: true });
  await expect.poll(() => refreshes(app).length).toBe(1);
  server.token = answer;
  expect((await app.upgrade('write:x')).value).toMatchObject({ outcome: 'granted' });
  const before = await stored(app);
  reply();
  expect((await refreshing).value).toBe('access-3');
  expect(await stored(app)).toBe(before);
  expect((await app.call('hasScope', 'write:x')).value).toBe(true);
  // Servers end all that the user granted with one of its tokens.
  expect(server.requests('/revoke')).toEqual([]);
});

test('C236 a refresh token whose time is over: signed out with the server’s reason, before any API fails', async ({ app, server, api }) => {
  await renewable(app, 1, { apis: { [api.origin]: {} } });
  await pass(app);
  server.token = ({ json }) => json({ error: 'invalid_grant', error_description: 'The refresh token has run out.' }, 400);
  expectFailure(await call(app, api.origin), 'invalid_grant', { description: 'The refresh token has run out.' });
  expect(api.received).toEqual([]);
  expect((await app.session()).signedIn).toBe(false);
});

test('C220 who is told of a refresh may ask for a token at once', async ({ app, server }) => {
  await renewable(app, 3600);
  server.answer = { expires_in: 7200 };
  await app.page.evaluate((name) => {
    const client = kit.clients[name];
    const nested: unknown[] = ((globalThis as any).nested = []);
    let asked = 0;
    // Only the first time for another one: the one that it brings is told of before the call ends.
    client.subscribe(() => void client.getAccessToken({ forceRefresh: asked++ < 1 }).then((token: string) => nested.push(token)));
  }, app.name);
  expect(await token(app, { forceRefresh: true })).toMatch(/^access-[23]$/);
  await expect.poll(() => app.page.evaluate(() => (globalThis as any).nested.length)).toBeGreaterThanOrEqual(1);
  expect(await token(app)).toBe('access-3');
});

test('C220 a fetch of one’s own that asks for a token in the middle of a refresh: no deadlock', async ({ app, server }) => {
  server.refreshes = true;
  await app.page.evaluate(([options]) => kit.open('main', {
    ...options,
    fetch: async (url: string, init: RequestInit) => {
      // As one does that adds a token to everything.
      if (String(init.body).includes('refresh_token')) await kit.settle(() => kit.clients['main'].getAccessToken());
      return fetch(url, init);
    },
  }), [app.options({ scope: SCOPE })] as const);
  await app.signIn();
  expect(await token(app, { forceRefresh: true })).toBe('access-2');
});

test('C220 the same with a token that ran out: an error in time, and the session stays', async ({ app, server }) => {
  server.refreshes = true;
  server.answer = { expires_in: 1 };
  await app.page.evaluate(([options]) => kit.open('main', {
    ...options,
    fetch: async (url: string, init: RequestInit) => {
      if (String(init.body).includes('refresh_token')) await kit.settle(() => kit.clients['main'].getAccessToken());
      return fetch(url, init);
    },
  }), [app.options({ scope: SCOPE, timeout: 2000 })] as const);
  await app.signIn();
  await pass(app);
  await app.page.evaluate(noteTimers);
  expect((await app.call('getAccessToken')).error?.code).toMatch(/^(timeout|token_response_lost)$/);
  expect(await waits(app)).toEqual([2000]);
  expect((await app.session()).signedIn).toBe(true);
});

test('a server that cannot be found: a token that is still good is better than none', async ({ app, server }) => {
  server.answer = { expires_in: 60 };
  server.refreshes = true;
  await app.open({ scope: SCOPE });
  await app.signIn();
  await app.goto();
  server.discovery = ({ send }) => send(503, 'text/html', 'down');
  await app.open({ scope: SCOPE, metadata: undefined, issuer: server.issuer });
  for (let i = 0; i < 3; i += 1) expect(await token(app, { minValidity: 3000 })).toBe('access-1');
  expectFailure(await app.call('getAccessToken', { forceRefresh: true }), 'http', { status: 503 });
  expect((await app.sessionRecord())!.grants.map(({ refresh }) => refresh)).toEqual([undefined]);
  expect(server.requests('/.well-known/openid-configuration').length).toBeLessThanOrEqual(2);
});

const INVALID = 'Bearer error="invalid_token"';

test('fetch: a token that the API does not take is renewed once, and the call made once more', async ({ app, api }) => {
  await renewable(app, 3600, { apis: { [api.origin]: {} } });
  api.answer = ({ headers, body }) => (headers.authorization === 'Bearer access-1' ? refusal(INVALID, 401) : { body: `${body} for ${headers.authorization}` });
  expect((await call(app, api.origin, { method: 'POST', body: 'tea' })).value).toEqual({ status: 200, body: 'tea for Bearer access-2' });
  expect(api.received.map(({ body }) => body)).toEqual(['tea', 'tea']);
  expect(refreshes(app)).toHaveLength(1);
});

test('fetch: a second 401 is passed through as it came', async ({ app, api }) => {
  await renewable(app, 3600, { apis: { [api.origin]: {} } });
  api.answer = () => refusal(INVALID, 401);
  expect((await call(app, api.origin)).value).toEqual({ status: 401, body: 'no' });
  expect(api.tokens()).toEqual(['access-1', 'access-2']);
  expect(refreshes(app)).toHaveLength(1);
  expect((await app.session()).signedIn).toBe(true);
});

test('fetch: a 401 without a challenge for tokens is one renewal, and then the API’s own matter', async ({ app, api }) => {
  await renewable(app, 3600, { apis: { [api.origin]: {} } });
  api.answer = () => refusal('Basic realm="x"', 401);
  expect((await call(app, api.origin)).value?.status).toBe(401);
  expect(api.tokens()).toEqual(['access-1', 'access-2']);
  expect(refreshes(app)).toHaveLength(1);
});

test('fetch: several calls that fail for the same token are one refresh', async ({ app, api }) => {
  await renewable(app, 3600, { apis: { [api.origin]: {} } });
  api.answer = ({ headers }) => (headers.authorization === 'Bearer access-1' ? refusal(INVALID, 401) : { body: 'done' });
  const answers = await Promise.all([1, 2, 3, 4].map(() => call(app, api.origin)));
  expect(answers.map(({ value }) => value?.status)).toEqual([200, 200, 200, 200]);
  expect(refreshes(app)).toHaveLength(1);
});

test('fetch: what cannot be sent twice is not', async ({ app, api }) => {
  await renewable(app, 3600, { apis: { [api.origin]: {} } });
  api.answer = () => refusal(INVALID, 401);
  const { value } = await app.page.evaluate(([name, url]) => kit.settle(async () => {
    const response = await kit.clients[name].fetch(new Request(url, { method: 'POST', body: 'once' }));
    return response.status;
  }), [app.name, api.origin] as const);
  expect(value).toBe(401);
  expect(api.received.map(({ body }) => body)).toEqual(['once']);
  expect(refreshes(app)).toHaveLength(0);
});

test('fetch: a token that ran out is renewed before the call', async ({ app, api, server }) => {
  await renewable(app, 1, { apis: { [api.origin]: {} } });
  await pass(app);
  server.answer = { expires_in: 3600 };
  const answers = await Promise.all([1, 2, 3].map(() => call(app, api.origin)));
  expect(answers.map(({ value }) => value?.status)).toEqual([200, 200, 200]);
  expect(new Set(api.tokens())).toEqual(new Set(['access-2']));
  expect(refreshes(app)).toHaveLength(1);
});

test('fetch: a refresh that fails leaves the API’s answer as it came', async ({ app, api, server }) => {
  await renewable(app, 3600, { apis: { [api.origin]: {} } });
  api.answer = () => refusal(INVALID, 401);
  server.token = ({ send }) => send(503, 'text/html', 'down');
  expect((await call(app, api.origin)).value).toEqual({ status: 401, body: 'no' });
  expect(api.received).toHaveLength(1);
  expect((await app.session()).signedIn).toBe(true);
});

test('fetch: the caller who gives up while a token is renewed has nothing sent', async ({ app, api }) => {
  await renewable(app, 1, { apis: { [api.origin]: {} } });
  await pass(app);
  const release = hold(app);
  const calling = app.page.evaluate(([name, url]) => kit.settle(async () => {
    const stop = ((globalThis as any).stop = new AbortController());
    return (await kit.clients[name].fetch(url, { signal: stop.signal })).status;
  }), [app.name, api.origin] as const);
  await expect.poll(() => refreshes(app).length).toBe(1);
  await stop(app);
  expect((await calling).error?.name).toBe('AbortError');
  release();
  await expect.poll(() => token(app)).toBe('access-2');
  expect(api.received).toEqual([]);
});
