// Calls of APIs that ask for more: one upgrade, one more try, and no circles.
import type { Page } from '@playwright/test';
import { call, insufficient, parameter, popups, refusal, signedIn, test, type Called, type ScriptedApi } from '../api.js';
import { App, expectFailure } from '../app.js';
import { expect } from '../fixtures.js';
import { seenAtWork, stop } from '../windows.js';

const OLD = 'Bearer access-1';
const STEP_UP = 'Bearer error="insufficient_user_authentication", acr_values="gold", max_age=60';

/** The API wants a scope that the first token does not have. */
function wants(api: ScriptedApi, scope: string): void {
  api.answer = ({ headers, body }: Called) => (headers.authorization === OLD ? insufficient(scope) : { body: `done ${body}`.trim() });
}

/** The page leaves for the authorization server and is back: the client is open, and the answer handled. */
async function away(app: App, apis: object, leave: () => Promise<unknown>) {
  await Promise.all([app.page.waitForURL((url) => url.pathname === '/cb'), leave()]);
  await app.open({ scope: 'openid read:x', apis: apis as never });
  return app.call('handleCallback');
}

const start = (app: App, url: string, init: object) => app.page.evaluate(([name, url, init]) => void kit.clients[name].fetch(url, init), [app.name, url, init] as const);

for (const onMissing of ['throw', undefined] as const) {
  test(`onMissing ${onMissing}: the error says what to ask for, and nobody is asked`, async ({ app, api, context }) => {
    const asked = popups(context, app);
    await signedIn(app, { [api.origin]: {} });
    wants(api, 'read:x write:x');
    expectFailure(await call(app, api.origin, { onMissing }), 'insufficient_scope', { missing: ['write:x'], status: 403 });
    expect([asked.length, api.received.length]).toEqual([0, 1]);
  });
}

test('onMissing popup: asked, granted, and sent once more', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  wants(api, 'write:x');
  expect((await call(app, api.origin, { onMissing: 'popup' })).value).toEqual({ status: 200, body: 'done' });
  expect(parameter(asked, 'scope')).toEqual(['openid read:x write:x']);
  expect(api.tokens()).toEqual(['access-1', 'access-2']);
  expect((await call(app, api.origin, { onMissing: 'popup' })).value?.status).toBe(200);
  expect(asked).toHaveLength(1);
  // What is known to be missing is asked for before anything is sent.
  expect((await call(app, api.origin, { onMissing: 'popup', scope: 'admin' })).value?.status).toBe(200);
  expect(parameter(asked, 'scope')[1]).toBe('openid read:x write:x admin');
  expect(api.tokens().slice(2)).toEqual(['access-2', 'access-3']);
});

test('an upgrade is for the API’s own audience and resources', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: { audience: 'two', resource: ['urn:a', 'urn:b'], scope: 'write:x' } as never }, { audience: 'one' });
  expect((await call(app, api.origin, { onMissing: 'popup' })).value?.status).toBe(200);
  expect(new URL(asked[0]!).searchParams.getAll('resource')).toEqual(['urn:a', 'urn:b']);
  expect(parameter(asked, 'audience')).toEqual(['two']);
  expect(api.tokens()).toEqual(['access-2']);
});

test('C176 the guard against circles survives the redirect', async ({ app, api }) => {
  const apis = { [api.origin]: {} };
  await signedIn(app, apis);
  api.answer = () => insufficient('write:x');
  const answer = await away(app, apis, () => start(app, api.origin, { onMissing: 'redirect' }));
  expect(answer.value).toMatchObject({ kind: 'upgrade', outcome: 'granted' });
  for (const onMissing of ['redirect', 'popup', 'throw']) expectFailure(await call(app, api.origin, { onMissing }), 'upgrade_loop');
  await app.goto();
  await app.open({ scope: 'openid read:x', apis });
  expectFailure(await call(app, api.origin, { onMissing: 'redirect' }), 'upgrade_loop');
  expect(app.page.url()).toBe(`${app.origin}/app/`);
  expect(api.received).toHaveLength(5);
});

test('C176 a step-up that the API does not honour is not asked for again after the redirect', async ({ app, api, server }) => {
  const apis = { [api.origin]: {} };
  await signedIn(app, apis);
  server.claims = { acr: 'gold', auth_time: Math.floor(Date.now() / 1000) };
  api.answer = () => refusal(STEP_UP, 401);
  const answer = await away(app, apis, () => start(app, api.origin, { onMissing: 'redirect' }));
  expect(answer.value).toMatchObject({ outcome: 'granted' });
  expectFailure(await call(app, api.origin, { onMissing: 'redirect' }), 'upgrade_loop', { acrValues: 'gold', maxAge: 60, status: 401 });
  api.answer = () => refusal(STEP_UP.replace('gold', 'platinum'), 401);
  expectFailure(await call(app, api.origin), 'insufficient_user_authentication', { acrValues: 'platinum' });
});

test('the API refuses still after a granted upgrade: upgrade_loop, and asked once', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  api.answer = () => insufficient('write:x');
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'upgrade_loop');
  // It wants something else each time.
  api.answer = () => insufficient(`more:${api.received.length}`);
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'upgrade_loop', { status: 403, missing: ['more:4'] });
  expect(asked).toHaveLength(2);
  expect(api.received).toHaveLength(4);
});

test('C177 ten calls that miss the same scope ask once, and each is sent once more', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  let refused = 0;
  api.answer = async ({ headers, body }) => {
    if (headers.authorization !== OLD) return { body };
    // Some of them are refused when the upgrade is over already.
    if ((refused += 1) > 6) await new Promise((resolve) => setTimeout(resolve, 3000));
    return insufficient('write:x');
  };
  const answers = await app.page.evaluate((url) => Promise.all(Array.from({ length: 10 }, async (_, n) => {
    const response = await kit.clients['main'].fetch(url, { method: 'POST', body: `call ${n}`, onMissing: n === 9 ? 'throw' : 'popup', ...(n < 9 && { scope: 'read:x' }) });
    return `${response.status} ${await response.text()}`;
  }).map((call) => call.catch((error) => error.code))), api.origin);
  const done = Array.from({ length: 9 }, (_, n) => `200 call ${n}`);
  expect(answers.slice(0, 9)).toEqual(done);
  expect(['200 call 9', 'insufficient_scope']).toContain(answers[9]);
  expect(asked).toHaveLength(1);
  for (const line of done) expect(api.received.filter(({ body }) => `200 ${body}` === line)).toHaveLength(2);
});

test('ten calls are denied by one no', async ({ app, api, context, server }) => {
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  wants(api, 'write:x');
  const codes = await app.page.evaluate((url) => Promise.all(Array.from({ length: 10 }, () =>
    kit.clients['main'].fetch(url, { onMissing: 'popup' }).catch((error: { code: string }) => error.code))), api.origin);
  expect(codes).toEqual(Array(10).fill('insufficient_scope'));
  expect(asked).toHaveLength(1);
  expect(api.received).toHaveLength(10);
});

test('a no is remembered by fetch, also after a reload; upgrade asks again', async ({ app, api, context, server }) => {
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  const asked = popups(context, app);
  const apis = { [api.origin]: {} };
  await signedIn(app, apis);
  wants(api, 'write:x');
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'insufficient_scope', { missing: ['write:x'] });
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'insufficient_scope');
  expectFailure(await call(app, api.origin, { onMissing: 'redirect', scope: 'write:x' }), 'missing_scope', { missing: ['write:x'] });
  await app.goto();
  await app.open({ scope: 'openid read:x', apis });
  expectFailure(await call(app, api.origin, { onMissing: 'redirect' }), 'insufficient_scope');
  expect(asked).toHaveLength(1);
  expect((await app.upgrade('write:x')).value).toMatchObject({ outcome: 'granted' });
  expect((await call(app, api.origin)).value?.status).toBe(200);
});

test('C196 a server that answers from its memory, without asking, leads to no circles', async ({ app, api, context, server }) => {
  const asked = popups(context, app);
  const apis = { [api.origin]: {} };
  await signedIn(app, apis);
  server.answer = { scope: 'openid read:x' };
  api.answer = () => insufficient('write:x');
  for (let n = 0; n < 2; n += 1) expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'insufficient_scope', { missing: ['write:x'] });
  expect([asked.length, api.received.length]).toEqual([1, 2]);
  const url = await app.ask('upgrade', 'write:x', { prompt: 'consent' });
  expect(new URL(url).searchParams.get('prompt')).toBe('consent');
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'denied', missing: ['write:x'] });
});

test('C178 two tabs get different scopes at the same time, and nothing is lost', async ({ app, server, context }) => {
  const open = async (page: Page) => (await new App(page, app.origin, server).goto()).open({ scope: 'openid read:x', storage: 'local' });
  await app.open({ scope: 'openid read:x', storage: 'local' });
  await app.signIn();
  const second = await open(await context.newPage());
  const [one, two, three] = [await app.ask('upgrade', 'write:x'), await second.ask('upgrade', 'admin'), await second.ask('upgrade', 'read:y', { audience: 'two' })];
  expect((await app.handle(server.approve(one))).value).toMatchObject({ outcome: 'granted' });
  // The server remembers what the user has granted.
  server.answer = { scope: 'openid read:x write:x admin' };
  expect((await second.handle(server.approve(two))).value).toMatchObject({ outcome: 'granted' });
  server.answer = {};
  expect((await second.handle(server.approve(three))).value).toMatchObject({ outcome: 'granted' });
  for (const tab of [await open(app.page), await open(second.page)]) {
    expect((await tab.session()).granted.toSorted()).toEqual(['admin', 'openid', 'read:x', 'write:x']);
    expect((await tab.call('getAccessToken', { scope: 'write:x admin' })).value).toBe('access-3');
    expect((await tab.call('getAccessToken', { scope: 'read:y', audience: 'two' })).value).toBe('access-4');
  }
});

test('C189 a stronger authentication is asked for with all that the challenge names, and checked', async ({ app, api, context, server }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  api.answer = ({ headers }) => (headers.authorization === OLD ? refusal(`${STEP_UP}, scope="write:x"`, 401) : { body: 'gold' });
  expectFailure(await call(app, api.origin), 'insufficient_user_authentication', { acrValues: 'gold', maxAge: 60, missing: ['write:x'], status: 401 });
  const now = Math.floor(Date.now() / 1000);
  for (const claims of [{}, { acr: 'silver', auth_time: now }, { acr: 'gold', auth_time: now - 1000 }]) {
    server.claims = claims;
    expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'insufficient_user_authentication', { acrValues: 'gold', maxAge: 60 });
  }
  server.claims = { acr: 'gold', auth_time: now };
  expect((await call(app, api.origin, { onMissing: 'popup' })).value).toEqual({ status: 200, body: 'gold' });
  expect([parameter(asked, 'acr_values'), parameter(asked, 'max_age'), parameter(asked, 'scope')]).toEqual([Array(4).fill('gold'), Array(4).fill('60'), Array(4).fill('openid read:x write:x')]);
});

test('C192 a body that can be sent again is; a stream or that of a Request never', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  wants(api, 'write:x');
  // Nothing but an opt-in sends it twice.
  expectFailure(await call(app, api.origin, { method: 'POST', body: 'tea' }), 'insufficient_scope');
  const once = await app.page.evaluate((url) => kit.settle(() => kit.clients['main'].fetch(new Request(url, { method: 'POST', body: 'tea' }), { onMissing: 'popup' })), api.origin);
  expectFailure(once, 'insufficient_scope', { missing: ['write:x'] });
  expect([asked.length, api.received.length]).toEqual([0, 2]);
  expect((await call(app, api.origin, { method: 'POST', body: 'tea', onMissing: 'popup' })).value).toEqual({ status: 200, body: 'done tea' });
  expect(api.received.slice(2).map(({ method, body }) => `${method} ${body}`)).toEqual(['POST tea', 'POST tea']);
});

test('C192 a stream is sent once', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  const { url, ...options } = { ...app.options({ scope: 'openid read:x', apis: { [api.origin]: {} } }), url: api.origin };
  // Over HTTP/1.1 no browser sends a stream: the application's own fetch takes it.
  const result = await app.page.evaluate(async ([url, options]) => {
    const bodies: string[] = [];
    const fetch = async (request: Request) => {
      bodies.push(await request.text());
      return new Response('', { status: 403, headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write:x"' } });
    };
    await kit.open('own', { ...options, fetch });
    const stream = () => new Blob(['tea']).stream();
    const send = (init: object) => kit.settle(() => kit.clients['own'].fetch(url, { method: 'POST', duplex: 'half', body: stream(), onMissing: 'popup', ...init }));
    return [await send({}), bodies] as const;
  }, [url, options] as const);
  expectFailure(result[0], 'insufficient_scope', { missing: ['write:x'] });
  expect(result[1]).toEqual(['tea']);
  expect(asked).toEqual([]);
});

test('what is missing before anything is sent leaves a Request whole', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: { scope: 'write:x' } });
  const status = await app.page.evaluate(async (url) => (await kit.clients['main'].fetch(new Request(url, { method: 'POST', body: 'tea' }), { onMissing: 'popup' })).status, api.origin);
  expect(status).toBe(200);
  expect(api.received.map(({ body, headers }) => [body, headers.authorization])).toEqual([['tea', 'Bearer access-2']]);
  expect(asked).toHaveLength(1);
});

test('C194 what the application was about to do survives the redirect to the letter, and is in no URL', async ({ app, api }) => {
  const apis = { [api.origin]: {} };
  await signedIn(app, apis);
  const draft = { text: 'Ünï\u2028\u0000\x1e"</script>😀\ud800', form: 'x'.repeat(20_000), list: [1.5, null, true, { '': '' }] };
  const urls: string[] = [];
  app.page.on('request', (request) => void urls.push(request.url()));
  const leave = () => app.page.evaluate(([name, draft]) => void kit.clients[name].upgrade('write:x', { appState: JSON.parse(draft) }), [app.name, JSON.stringify(draft)] as const);
  const { value } = await away(app, apis, leave);
  expect(value).toMatchObject({ outcome: 'granted', returnTo: '/app/' });
  expect(JSON.stringify(value!.appState)).toBe(JSON.stringify(draft));
  expect(urls.some((url) => url.includes('/authorize?'))).toBe(true);
  expect(urls.filter((url) => url.length > 2000 || url.includes('xxxx'))).toEqual([]);
  expectFailure(await app.call('upgrade', 'admin', { appState: 'x'.repeat(256 * 1024) }), 'invalid_options');
});

test('a popup that is blocked or closed: the error is that, for all who wait', async ({ app, api, context }) => {
  await signedIn(app, { [api.origin]: {} });
  wants(api, 'write:x');
  const both = () => app.page.evaluate((url) => Promise.all([1, 2, 3].map(() =>
    kit.clients['main'].fetch(url, { onMissing: 'popup' }).catch((error: { code: string }) => error.code))), api.origin);
  let opened = 0;
  app.server.authorize = () => undefined;
  context.on('page', (popup) => {
    opened += 1;
    void popup.waitForURL(/authorize/, { waitUntil: 'commit' }).then(() => seenAtWork(app.page)).then(() => popup.close());
  });
  expect(await both()).toEqual(Array(3).fill('popup_closed'));
  expect(opened).toBe(1);
  await app.page.evaluate(() => void (window.open = () => null));
  expect(new Set(await both())).toEqual(new Set(['popup_blocked']));
});

test('a caller who gives up while the user is asked takes the popup along, and the others ask again', async ({ app, api, context, server }) => {
  await signedIn(app, { [api.origin]: {} });
  wants(api, 'write:x');
  // The first popup never answers.
  server.authorize = (url) => (asked.length === 1 ? `${server.issuer}/login` : server.approve(url));
  const asked = popups(context, app);
  const send = (stops: boolean) => app.page.evaluate(([url, stops]) => {
    const stop = new AbortController();
    if (stops) (globalThis as any).stop = stop;
    return kit.clients['main'].fetch(url, { onMissing: 'popup', signal: stop.signal }).then((response: Response) => response.status, (error: Error) => error.name);
  }, [api.origin, stops] as const);
  const first = send(true);
  await expect.poll(() => asked.length).toBe(1);
  const second = send(false);
  await expect.poll(() => api.received.length).toBe(2);
  await stop(app);
  const codes = await Promise.all([first, second]);
  expect(codes).toEqual(['AbortError', 200]);
  expect(asked).toHaveLength(2);
  expect(context.pages()).toHaveLength(1);
});
