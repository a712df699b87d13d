// The adapter for Angular, with the real framework: signals, guards and the interceptor.
import { expect, test } from './page.js';

declare global {
  /** The page's component. */
  var app: {
    get(url: string, scope?: string): Promise<string>;
    post(url: string, body: unknown): Promise<unknown>;
    events(url: string, options?: object): Promise<any[]>;
    router: { navigateByUrl(url: string): Promise<boolean> };
  };
}

test('status, a sign-in by popup, a token, a call, and a sign-out', async ({ made, mayShow }) => {
  const app = await made('angular').open({ api: '/api' });
  await expect(app.at('status')).toHaveText('signed-out');
  await expect(app.at('name')).toHaveText('nobody');
  await app.signIn();
  await expect(app.at('name')).toHaveText('ada');
  mayShow(/access-1/);
  await app.at('token').click();
  await expect(app.at('called')).toHaveText('access-1');
  await app.at('call').click();
  await expect(app.at('called')).toHaveText('called with Bearer access-1');
  await app.at('sign-out').click();
  await expect(app.at('status')).toHaveText('signed-out');
});

test('a scope that is granted in a popup is seen at once', async ({ made }) => {
  const app = await made('angular').open();
  await app.signIn();
  await expect(app.at('granted')).toHaveText('false');
  await expect(app.at('told')).toHaveText('not-requested: Create appointments');
  await app.at('ask').click();
  await expect(app.dialog).toContainText('to save what you enter');
  await expect(app.at('pending')).toHaveText('true');
  await app.dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(app.at('granted')).toHaveText('true');
  await expect(app.at('secret')).toBeVisible();
  await expect(app.at('answer')).toHaveText('true');
  await expect(app.at('pending')).toHaveText('false');
  expect(app.asked()).toEqual(['openid read:x', 'openid read:x write:x']);
});

test('a no is seen, and the session stays', async ({ made, server }) => {
  const app = await made('angular').open();
  await app.signIn();
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  await app.at('ask-at-once').click();
  await expect(app.at('answer')).toHaveText('false');
  await expect(app.at('scope-status')).toHaveText('denied');
  await expect(app.at('scope-error')).toHaveText('none');
  await expect(app.at('status')).toHaveText('signed-in');
});

test('a banner for a scope that a new version needs goes when it is put off', async ({ made }) => {
  const app = await made('angular').open({ base: ['openid', 'read:x', 'write:x'] });
  await expect(app.at('banner')).toHaveCount(0);
  await app.signIn();
  await expect(app.at('banner')).toBeVisible();
  await app.at('dismiss').click();
  await expect(app.at('banner')).toHaveCount(0);
});

test('the end of a session that cannot be renewed is seen', async ({ made, server }) => {
  server.answer = { expires_in: 3 };
  const app = await made('angular').open({ options: { scope: 'openid write:x' } });
  await app.signIn();
  await expect(app.at('granted')).toHaveText('true');
  await expect(app.at('status')).toHaveText('expired');
  await expect(app.at('granted')).toHaveText('false');
});

test('an answer in the address bar is handled first, and no client at all is an error', async ({ made, page, server, site }) => {
  const app = await made('angular').open();
  await expect(app.at('status')).toHaveText('signed-out');
  const url = await page.evaluate(() => clients[0]!.authorizeUrl({ returnTo: '/inbox?a=1' }).url);
  await page.goto(server.approve(url));
  await expect(app.at('status')).toHaveText('signed-in');
  expect(page.url()).toBe(`${site}/inbox?a=1`);
  const broken = await made('angular').open({ options: { redirectUri: 'ftp://no.example/' } });
  await expect(broken.at('status')).toHaveText('error');
  await expect(broken.at('error')).toHaveText('invalid_options');
});

test('guards open routes to whoever is signed in, and to whoever has the scope', async ({ made, page, server, site }) => {
  const app = await made('angular').open();
  await expect(app.at('status')).toHaveText('signed-out');
  const go = (url: string) => page.evaluate((url) => globalThis.app.router.navigateByUrl(url), url);
  expect(await go('/writers')).toBe(true);
  await expect(app.at('route')).toHaveText('no writer');
  expect(await go('/quiet')).toBe(false);
  await expect(app.at('route')).toHaveText('no writer');
  // Whoever is not signed in goes to sign in, and comes back to the route.
  await page.evaluate(() => void globalThis.app.router.navigateByUrl('/members?tab=2'));
  await page.waitForURL(`${site}/members?tab=2`);
  await expect(app.at('status')).toHaveText('signed-in');
  await expect(app.at('route')).toHaveText('members');
  expect(server.asks).toHaveLength(1);
  await app.at('ask-at-once').click();
  await expect(app.at('granted')).toHaveText('true');
  expect(await go('/writers')).toBe(true);
  await expect(app.at('route')).toHaveText('writers');
});

test('who comes back to a guarded route with a failure is not sent round in circles, and may go there again', async ({ made, page, server, site }) => {
  const { authorize } = server;
  const app = await made('angular').open({ options: { redirectUri: '/members' } });
  await expect(app.at('status')).toHaveText('signed-out');
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  await page.evaluate(() => void globalThis.app.router.navigateByUrl('/members'));
  await expect(app.at('error')).toHaveText('access_denied');
  await expect(app.at('status')).toHaveText('signed-out');
  await expect(app.at('route')).toHaveCount(0);
  expect(server.asks).toHaveLength(1);
  server.authorize = authorize;
  await page.evaluate(() => void globalThis.app.router.navigateByUrl('/members?tab=2'));
  await expect(app.at('status')).toHaveText('signed-in');
  await expect(app.at('route')).toHaveText('members');
  expect(page.url()).toBe(`${site}/members?tab=2`);
  expect(server.asks).toHaveLength(2);
});

test('the interceptor sends calls of the API with a token, and leaves all others alone', async ({ made, page, mayShow, mayLog }) => {
  mayShow(/access-1/);
  mayLog(/Failed to load resource/);
  const app = await made('angular').open({ api: '/api' });
  await expect(app.at('status')).toHaveText('signed-out');
  const failure = (url: string, scope?: string) => page.evaluate(([url, scope]) => globalThis.app.get(url!, scope).then(
    (text) => text, ({ status, error }) => ({ status, code: error?.code, isText: typeof error === 'string' }),
  ), [url, scope] as const);
  expect(await failure('/api')).toEqual({ status: 0, code: 'not_signed_in', isText: false });
  expect(await failure('/page.css')).toContain('color-scheme');
  await app.signIn();
  expect(await failure('/api?a=1')).toBe('called with Bearer access-1');
  expect(await failure('/api', 'write:x')).toEqual({ status: 0, code: 'missing_scope', isText: false });
  await page.route('**/api/missing', (route) => route.fulfill({ status: 404, body: 'no such thing' }));
  expect(await failure('/api/missing')).toEqual({ status: 404, code: undefined, isText: true });

  // What the application sends arrives as it would without the interceptor, and JSON comes back as what it says.
  const sent = page.waitForRequest('**/api/things');
  await page.route('**/api/things', (route) => route.fulfill({ contentType: 'application/json', body: '{"id":7}' }));
  expect(await page.evaluate(() => globalThis.app.post('/api/things', { title: 'x' }))).toEqual({ id: 7 });
  const request = await sent;
  expect(request.postDataJSON()).toEqual({ title: 'x' });
  expect(await request.allHeaders()).toMatchObject({ 'content-type': 'application/json', 'x-own': 'yes', authorization: 'Bearer access-1' });
});

test('the interceptor reads a relative URL as the request would: by the base of the page, wherever the route is', async ({ made, page, mayShow }) => {
  mayShow(/access-1/);
  const app = await made('angular').open({ api: '/api' });
  await app.signIn();
  const called = (url: string) => page.evaluate((url) => globalThis.app.get(url), url);
  await page.evaluate(() => document.head.append(Object.assign(document.createElement('base'), { href: '/api/' })));
  // Below no API but for the base.
  expect(await called('here')).toBe('called with Bearer access-1');
  // Below one either way, and only one of them is meant.
  await page.evaluate(() => history.pushState(null, '', '/api/deep/route'));
  const sent = page.waitForRequest((request) => request.url().endsWith('/there'));
  expect(await called('there')).toBe('called with Bearer access-1');
  expect(new URL((await sent).url()).pathname).toBe('/api/there');
});

test('an answer that breaks off, and one that is no JSON, are failures of HttpClient', async ({ made, page, mayLog }) => {
  mayLog(/Failed to load resource/);
  const app = await made('angular').open({ api: '/api' });
  await app.signIn();
  const failure = (url: string, how: 'get' | 'post') => page.evaluate(([url, how]) => globalThis.app[how as 'post'](url!, undefined).then(
    (value) => value, ({ name, status, error }) => ({ name, status, isCause: [error, error?.error].some((one) => one instanceof Error) }),
  ), [url, how] as const);
  expect(await failure('/api/cut', 'get')).toEqual({ name: 'HttpErrorResponse', status: 0, isCause: true });
  expect(await failure('/api/cut', 'post')).toEqual({ name: 'HttpErrorResponse', status: 0, isCause: true });
  expect(await failure('/api', 'post')).toEqual({ name: 'HttpErrorResponse', status: 200, isCause: true });
});

test('what a request says of credentials, cache and the rest goes along', async ({ made, page }) => {
  const app = await made('angular').open({ api: '/api' });
  await app.signIn();
  const asked = await page.evaluate(async () => {
    const real = globalThis.fetch;
    const asked: object[] = [];
    globalThis.fetch = (input, init) => {
      const { credentials, keepalive, cache, redirect, mode, referrer, referrerPolicy, integrity } = input as Request;
      asked.push({ credentials, keepalive, cache, redirect, mode, referrer, referrerPolicy, integrity });
      return real(input, init);
    };
    await globalThis.app.events('/api/own');
    await globalThis.app.events('/api/own', { withCredentials: true });
    const more = { keepalive: true, cache: 'no-store', redirect: 'error', mode: 'same-origin', referrer: '/from', referrerPolicy: 'no-referrer', priority: 'low' };
    await globalThis.app.events('/api/own', { credentials: 'omit', ...more });
    globalThis.fetch = real;
    return asked;
  });
  const usual = { credentials: 'same-origin', keepalive: false, cache: 'default', redirect: 'follow', mode: 'cors', referrer: 'about:client', referrerPolicy: '', integrity: '' };
  expect(asked).toEqual([
    usual,
    { ...usual, credentials: 'include' },
    { ...usual, credentials: 'omit', keepalive: true, cache: 'no-store', redirect: 'error', mode: 'same-origin', referrer: `${app.origin}/from`, referrerPolicy: 'no-referrer' },
  ]);
});

test('events tell how a request goes on, with reportProgress all of its way', async ({ made, page }) => {
  const app = await made('angular').open({ api: '/api' });
  await app.signIn();
  await page.route('**/api/large', (route) => route.fulfill({ contentType: 'text/plain', headers: { 'content-length': '4' }, body: 'täx' }));
  const events = (options: object) => page.evaluate(async (options) => (await globalThis.app.events('/api/large', options)).map(({ type, status, url, loaded, total, partialText, body, redirected }) => ({ type, status, url: url && new URL(url).pathname, loaded, total, partialText, body, redirected })), options);
  const [sent, header, progress, response] = [{ type: 0 }, { type: 2, status: 200, url: '/api/large', redirected: false }, { type: 3, loaded: 4, total: 4, partialText: 'täx' }, { type: 4, status: 200, url: '/api/large', body: 'täx', redirected: false }];
  expect(await events({})).toEqual([sent, response]);
  expect(await events({ reportProgress: true })).toEqual([sent, header, progress, response]);
  const kinds = await page.evaluate(async () => Promise.all(['blob', 'arraybuffer'].map(async (responseType) => {
    const { body } = (await globalThis.app.events('/api/large', { responseType })).at(-1);
    return body instanceof Blob ? [body.type, await body.text()] : [body.constructor.name, body.byteLength];
  })));
  expect(kinds).toEqual([['text/plain', 'täx'], ['ArrayBuffer', 4]]);
});

test('JSON is read behind the prefix that keeps it from being a script, and a request ends at its timeout', async ({ made, page, mayLog }) => {
  mayLog(/Failed to load resource/);
  const app = await made('angular').open({ api: '/api' });
  await app.signIn();
  await page.route('**/api/prefixed', (route) => route.fulfill({ contentType: 'application/json', body: `)]}',\n{"id":7}` }));
  await page.route('**/api/refused', (route) => route.fulfill({ status: 400, contentType: 'application/json', body: `)]}'\n{"why":"no"}` }));
  const last = (url: string, options: object) => page.evaluate(async ([url, options]) => {
    const { body, error, status, name } = (await globalThis.app.events(url, options)).at(-1);
    return { body, error: error instanceof Error ? error.name : error, status, name };
  }, [url, options] as const);
  expect(await last('/api/prefixed', { responseType: 'json' })).toMatchObject({ body: { id: 7 } });
  expect(await last('/api/refused', { responseType: 'json' })).toMatchObject({ name: 'HttpErrorResponse', status: 400, error: { why: 'no' } });
  await page.route('**/api/never', () => {});
  expect(await last('/api/never', { timeout: 1 })).toMatchObject({ name: 'HttpErrorResponse', status: 0, error: 'TimeoutError' });
});
