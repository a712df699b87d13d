// Storage "worker": refresh tokens live in a worker, and the page never sees one.
import { test } from '../api.js';
import { App, expectFailure } from '../app.js';
import { expect } from '../fixtures.js';
import type { Exchange, Script } from '../server.js';

const OPTIONS = { scope: 'openid read:x offline_access', storage: 'worker' } as const;

/** Everything that the page could get at: what its scripts send and receive, and what it stores. */
async function watch(app: App): Promise<() => Promise<string>> {
  await app.page.addInitScript(() => {
    const seen: string[] = ((globalThis as any).seen = []);
    const note = (value: unknown) => seen.push(typeof value === 'string' ? value : JSON.stringify(value) ?? '');
    const { postMessage } = BroadcastChannel.prototype;
    BroadcastChannel.prototype.postMessage = function (data) {
      note(data);
      postMessage.call(this, data);
    };
    const { fetch } = globalThis;
    globalThis.fetch = (url, init) => {
      note([String(url), init?.body]);
      return fetch(url, init);
    };
    globalThis.Response = new Proxy(Response, {
      construct(target, args: [BodyInit?, ResponseInit?]) {
        note(args[0]);
        return new target(...args);
      },
    });
  });
  await app.goto();
  return () => app.page.evaluate(() => JSON.stringify([(globalThis as any).seen, { ...sessionStorage }, { ...localStorage }]));
}

async function signedIn(app: App): Promise<void> {
  app.server.refreshes = true;
  await app.open(OPTIONS);
  await app.signIn();
}

const token = (app: App, options = {}) => app.call('getAccessToken', options);

test('the page gets tokens, and never a refresh token', async ({ app, server }) => {
  const seen = await watch(app);
  await signedIn(app);
  expect(await app.session()).toMatchObject({ signedIn: true, granted: ['openid', 'read:x', 'offline_access'], persisted: true });
  expect((await token(app)).value).toBe('access-1');
  expect((await token(app, { forceRefresh: true })).value).toBe('access-2');
  expect((await token(app, { forceRefresh: true })).value).toBe('access-3');
  expect(server.requests().map(({ form }) => form.get('refresh_token'))).toEqual([null, 'refresh-1', 'refresh-2']);
  const all = await seen();
  expect(all).toContain('access-3');
  expect(all).not.toMatch(/refresh-\d/);
  await app.call('signOut', { local: false });
  expect(server.requests('/revoke').map(({ form }) => form.get('token'))).toEqual(['refresh-3']);
  expect((await app.session()).signedIn).toBe(false);
});

test('what waits for the worker leaves nothing behind on it', async ({ app, page }) => {
  await page.addInitScript(() => {
    globalThis.Worker = new Proxy(Worker, { construct: (target, args: [string]) => ((globalThis as any).tokenWorker = new target(...args)) });
  });
  await app.goto();
  await signedIn(app);
  for (const _ of 'abc') await token(app, { forceRefresh: true });
  const session = await page.context().newCDPSession(page);
  const { result } = await session.send('Runtime.evaluate', { expression: 'tokenWorker' });
  const { listeners } = await session.send('DOMDebugger.getEventListeners', { objectId: result.objectId! });
  expect(listeners.map(({ type }) => type)).toEqual([]);
});

test('a reload keeps the session while another tab has it, which then asks for tokens; without one it is gone', async ({ app, server, context, bareSite }) => {
  await signedIn(app);
  const other = await new App(await context.newPage(), bareSite, server).goto();
  await other.open(OPTIONS);
  expect(await other.session()).toMatchObject({ signedIn: true, claims: { sub: 'ada' } });
  expect((await token(other, { forceRefresh: true })).value).toBe('access-2');
  await expect.poll(async () => (await token(app)).value).toBe('access-2');
  await other.goto();
  await other.open(OPTIONS);
  expect((await token(other)).value).toBe('access-2');
  expect((await token(other, { forceRefresh: true })).value).toBe('access-3');
  expect(server.requests()).toHaveLength(3);

  await app.call('signOut', { local: true });
  await expect.poll(async () => (await other.session()).signedIn).toBe(false);

  await app.signIn();
  await expect.poll(async () => (await other.session()).signedIn).toBe(true);
  await other.page.close();
  await app.goto();
  await app.open(OPTIONS);
  expect((await app.session()).signedIn).toBe(false);
});

test('a token goes where it came from, whoever knows its name', async ({ app, server, stranger }) => {
  await signedIn(app);
  await token(app, { forceRefresh: true });
  const answered = await app.page.evaluate(async (url) => {
    // What a script on the page could do with the name of a token.
    const names: string[] = [];
    const room = new BroadcastChannel('scopewise:worker');
    const answers: unknown[] = [];
    room.onmessage = ({ data }) => answers.push(data);
    const records = new BroadcastChannel([...(await navigator.locks.query()).held!].map(({ name }) => name!.replace(/#\d+$/, '')).find((name) => name.endsWith('session'))! + '#');
    records.onmessage = ({ data }) => names.push(.../worker:[\w-]+/.exec(String(data)) ?? []);
    records.postMessage('');
    while (names.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    for (const name of names) {
      const form = `refresh_token=${name}`;
      const init = { method: 'POST', body: form, headers: { 'x-trace': 'theirs' } };
      const requests = [{ url, init }, { endpoint: url, form, url, init }, { endpoint: 'token', form: `client_id=theirs`, url, init }];
      for (const request of requests) room.postMessage({ ask: 'x', task: { request } });
      for (const task of [undefined, null, 1, 'x', {}, { request: null }, { key: null }, { sign: { x: 1 } }]) room.postMessage({ ask: 'x', task });
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { names: names.length, answers };
  }, stranger.origin);
  expect(answered.names).toBeGreaterThan(0);
  expect(stranger.received).toEqual([]);
  expect(JSON.stringify(answered)).not.toContain('refresh-');
  expect(server.requests()).toHaveLength(2);
});

test('of an answer the page gets the members of a token response, and nothing that holds a refresh token', async ({ app, server }) => {
  const seen = await watch(app);
  await signedIn(app);
  const answer = server.token;
  const echoes = ({ form, tokens }: Exchange) => ({ ...tokens, form: String(form), error_uri: 'https://id.example', session: form.get('refresh_token'), id_token: undefined });
  const scripts: Script[] = [
    (exchange) => exchange.json({ ...echoes(exchange), scope: `openid ${exchange.form.get('refresh_token')}` }),
    (exchange) => exchange.send(200, 'text/plain', `you sent ${exchange.form}`),
    (exchange) => exchange.json({ error: 'server_error', error_description: `${exchange.form}`, form: `${exchange.form}` }, 400),
    (exchange) => exchange.send(200, 'application/json', `not JSON: ${exchange.form}`),
  ];
  for (const script of scripts) {
    server.token = script;
    await token(app, { forceRefresh: true });
    await app.signIn().catch(() => undefined);
    server.token = answer;
    await app.signIn();
  }
  expect(server.requests().flatMap(({ form }) => form.get('refresh_token') ?? []).length).toBeGreaterThanOrEqual(scripts.length);
  expect(server.requests().every(({ headers }) => headers['x-trace'] === undefined && headers.accept === 'application/json')).toBe(true);
  server.revocation = (exchange) => exchange.send(200, 'text/plain', `you sent ${exchange.form}`);
  await app.call('signOut', { local: false });
  expect(server.requests('/revoke')).toHaveLength(1);
  expect(await seen()).not.toMatch(/refresh-\d/);
});

test('what is granted besides scopes comes through whole, also where a page added a toJSON to all objects', async ({ app, server }) => {
  await app.page.addInitScript(() => Object.defineProperty(Object.prototype, 'toJSON', { value: () => 'x', configurable: true, writable: true }));
  await app.goto();
  server.answer = { authorization_details: [{ type: 'calendar', actions: ['read'] }] };
  server.refreshes = true;
  await app.open(OPTIONS);
  expect(await app.signIn()).toMatchObject({ outcome: 'granted', authorizationDetails: [{ type: 'calendar', actions: ['read'] }] });
  expect(await token(app, { forceRefresh: true })).toEqual({ value: 'access-2' });
});

test('whoever has the worker cannot tell it another place', async ({ app, server, stranger }) => {
  await app.page.addInitScript(() => {
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (...args: any) {
      (globalThis as any).worker = this;
      postMessage.apply(this, args);
    };
  });
  await app.goto();
  await signedIn(app);
  await app.page.evaluate((url) => (globalThis as any).worker.postMessage({ endpoints: { token: url, revocation: url } }), stranger.origin);
  expect((await token(app, { forceRefresh: true })).value).toBe('access-2');
  await app.call('signOut', { local: false });
  expect(stranger.received).toEqual([]);
  expect(server.requests('/revoke')).toHaveLength(1);
});

test('a token that was given up is good for nothing, whatever the server says', async ({ app, server }) => {
  await app.page.addInitScript(() => {
    const { postMessage } = Worker.prototype;
    const all = globalThis as any;
    Worker.prototype.postMessage = function (message: any, ...rest: any[]) {
      all.worker = this;
      all.tokenName ??= new URLSearchParams(message.task?.request?.form).get('refresh_token');
      postMessage.call(this, message, ...rest);
    };
  });
  await app.goto();
  await signedIn(app);
  server.token = (exchange) => exchange.json({ error: 'temporarily_unavailable' }, 503);
  expectFailure(await token(app, { forceRefresh: true }), 'temporarily_unavailable');
  server.token = (exchange) => exchange.json(exchange.tokens);
  server.revocation = (exchange) => exchange.send(503, 'text/plain', '');
  await app.call('signOut', { local: false });
  const name = await app.page.evaluate(() => (globalThis as any).tokenName as string);
  expect(name).toMatch(/^worker:/);
  await app.page.evaluate((form) => (globalThis as any).worker.postMessage({ task: { request: { endpoint: 'token', form } } }, [new MessageChannel().port1]), `grant_type=refresh_token&refresh_token=${name}`);
  // The worker takes one message after the other.
  await app.signIn();
  expect(server.requests().map(({ form }) => form.get('refresh_token'))).toEqual([null, 'refresh-1', null]);
  expect(server.requests('/revoke').map(({ form }) => form.get('token'))).toEqual(['refresh-1']);
});

/** What the page tells its worker, by its own means: what comes of a refresh with a token of this name. Nothing where no worker has it. */
const refreshBy = (app: App, name: string): Promise<unknown> => app.page.evaluate((form) => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = ({ data }) => resolve(data);
  (globalThis as any).worker.postMessage({ task: { request: { endpoint: 'token', form } } }, [port2]);
}), `grant_type=refresh_token&refresh_token=${name}`);

for (const [end, ends] of Object.entries({
  'a local sign-out': (app: App) => app.call('signOut', { local: true }),
  'a refresh that the server refuses': async (app: App) => {
    app.server.token = (exchange) => exchange.json({ error: 'invalid_grant' }, 400);
    expectFailure(await token(app, { forceRefresh: true }), 'invalid_grant');
    app.server.token = (exchange) => exchange.json(exchange.tokens);
  },
  'the sign-in of another user': (app: App) => {
    app.server.claims = { sub: 'grace' };
    return app.signIn();
  },
})) {
  test(`the worker forgets the refresh token of a session that ended with ${end}, and keeps that of another`, async ({ app, server, page }) => {
    await page.addInitScript(() => {
      const all = globalThis as any;
      [all.names, all.waited] = [[], 0];
      new BroadcastChannel('waited').onmessage = () => (all.waited += 1);
      // It waits no minute here, and says what it waited for.
      const quick = "const setTimeout = (work, _, ...args) => globalThis.setTimeout(() => { work(...args); new BroadcastChannel('waited').postMessage(''); });";
      globalThis.Worker = new Proxy(Worker, {
        construct(target, [url, options]: [string, WorkerOptions]) {
          const script = new XMLHttpRequest();
          script.open('GET', url, false);
          script.send();
          return (all.worker = new target(URL.createObjectURL(new Blob([quick, script.responseText], { type: 'text/javascript' })), options));
        },
      });
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (message: any, ...rest: any[]) {
        all.names.push(...(message.held ?? []));
        postMessage.call(this, message, ...rest);
      };
    });
    await app.goto();
    await signedIn(app);
    const name: string = await page.waitForFunction(() => (globalThis as any).names.at(-1)).then((handle) => handle.jsonValue());
    expect(name).toMatch(/^worker:/);
    await ends(app);
    await expect.poll(() => page.evaluate(() => (globalThis as any).waited)).toBeGreaterThan(0);
    const sent = server.requests().length;
    expect(await refreshBy(app, name)).toBeUndefined();
    expect(server.requests()).toHaveLength(sent);
    if (!(await app.session()).signedIn) await app.signIn();
    expect(await token(app, { forceRefresh: true })).toHaveProperty('value');
  });
}

for (const [names, works] of [['scopewise', true], ['theirs', false]] as const) {
  test(`a page with Trusted Types that allows the policy ${names}`, async ({ app, mayLog }) => {
    mayLog(/TrustedScriptURL|TrustedTypePolicy|trusted-types/i);
    await app.page.route(/\/app\//, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': `require-trusted-types-for 'script'; trusted-types ${names}` } });
    });
    await app.goto();
    const answer = await app.tryOpen(OPTIONS);
    if (works) {
      expect(answer).toEqual({});
      expect(await app.as('second').tryOpen(OPTIONS)).toEqual({});
      app.server.refreshes = true;
      expect((await app.signIn()).outcome).toBe('granted');
    } else {
      expectFailure(answer, 'storage_unavailable');
      expect(answer.error!.message).toMatch(/Trusted Types.*"scopewise".*trusted-types/);
    }
  });
}

test('a policy that forbids workers: typed, and what to allow', async ({ app, mayLog }) => {
  mayLog(/./);
  await app.page.route(/\/app\//, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': "worker-src 'none'" } });
  });
  await app.goto();
  const answer = await app.tryOpen(OPTIONS);
  expectFailure(answer, 'storage_unavailable');
  expect(answer.error!.message).toContain('worker-src');
});

test('a tab that only opened the session gives it back to the one that signed in', async ({ app, context, bareSite, server }) => {
  await signedIn(app);
  const other = await new App(await context.newPage(), bareSite, server).goto();
  await other.open(OPTIONS);
  await app.goto();
  await app.open(OPTIONS);
  expect(await app.session()).toMatchObject({ signedIn: true, claims: { sub: 'ada' } });
  expect((await token(app)).value).toBe('access-1');
});
