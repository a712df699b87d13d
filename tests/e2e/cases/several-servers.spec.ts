// Two clients on one page, each of a server of its own: they share the module and the page, and nothing else.
import { call, test as base, type ScriptedApi } from '../api.js';
import { App, expectFailure, type Answer, type More } from '../app.js';
import { expect } from '../fixtures.js';
import { binds } from '../proofs.js';
import { transactionRecords, type Area } from '../records.js';
import { scriptedServer, type ScriptedServer } from '../server.js';
import { follow, popupOf } from '../windows.js';

const SCOPE = 'openid read:x';
/** With refresh tokens. */
const LASTING = 'openid read:x offline_access';
const STORAGES = ['session', 'local', 'memory', 'indexeddb', 'worker'] as const;

/** The same page's client of the other server. The client ID is the same one at both. */
const test = base.extend<{ otherServer: ScriptedServer; other: App }>({
  otherServer: async ({ secrets }, use) => {
    const server = await scriptedServer(secrets);
    Object.assign(server, { mark: 'b', sub: 'grace' });
    await use(server);
    await server.close();
  },
  other: async ({ app, otherServer }, use) => use(new App(app.page, app.origin, otherServer, 'other')),
});

/** Both handle the response in the page's URL, in one task. */
const handledInOrder = (app: App, names: string[]): Promise<Answer<any>[]> =>
  app.page.evaluate((names) => Promise.all(names.map((name) => kit.call(name, 'handleCallback'))), names);

/** One after the other. */
const handledInTurn = (app: App, names: string[]): Promise<Answer<any>[]> => app.page.evaluate(async (names) => {
  const answers = [];
  for (const name of names) answers.push(await kit.call(name, 'handleCallback'));
  return answers;
}, names);

/** Popups and frames at the redirect URI have both clients, in this order. */
async function landBoth(...landing: [App, More?][]): Promise<void> {
  const [[{ page }]] = landing as [[App]];
  await page.context().addInitScript((landing) => {
    if (location.pathname.startsWith('/cb') && (window.opener || window.parent !== window)) (globalThis as any).landing = landing;
  }, landing.map(([app, more]) => app.options(more)));
}

/** Counts what a client's subscribers hear. */
const listen = (app: App): Promise<void> => app.page.evaluate((name) => {
  const told = ((globalThis as any).told ??= {});
  told[name] = 0;
  kit.clients[name].subscribe(() => void (told[name] += 1));
}, app.name);

const told = (app: App): Promise<number> => app.page.evaluate((name) => (globalThis as any).told[name], app.name);
const token = async (app: App, options = {}) => (await app.call('getAccessToken', options)).value;

/** What the clients stored, each record under the issuer that its key names. */
async function recordsOf(app: App, { issuer }: ScriptedServer, areas: Area[]): Promise<string> {
  const all = [];
  for (const area of areas) all.push(...Object.entries(await app.records(area)));
  return JSON.stringify(all.filter(([key]) => key.startsWith(`scopewise:${encodeURIComponent(issuer)}:app:`)));
}

for (const otherUri of ['/cb', '/cb2']) {
  for (const responseMode of ['query', 'fragment'] as const) {
    test(`each takes the answers to its own requests, in any order: redirect URIs /cb and ${otherUri}, ${responseMode}`, async ({ app, other }) => {
      const open = async () => {
        await app.open({ scope: SCOPE });
        await other.open({ scope: SCOPE, redirectUri: otherUri, storage: 'local' });
      };
      await open();
      for (const handled of [handledInOrder, handledInTurn]) {
        for (const asks of [app, other]) {
          for (const names of [['main', 'other'], ['other', 'main'], ['other', 'main', 'other', 'main'], ['main', 'main', 'other', 'other']]) {
            for (const { server } of [app, other]) server.received.length = 0;
            await Promise.all([
              app.page.waitForURL(/[?#&]code=/),
              app.page.evaluate(([name, responseMode]) => void kit.call(name, 'signIn', { responseMode }), [asks.name, responseMode] as const),
            ]);
            await open();
            const outcomes = (await handled(app, names)).map(({ value, error }) => error?.code ?? value?.outcome ?? null);
            // The first call of the client that asked takes it, and all of its calls until that has ended get it. Then the address bar is any other.
            const gets = (name: string, at: number) => name === asks.name && (handled === handledInOrder || names.indexOf(name) === at);
            expect(outcomes).toEqual(names.map((name, at) => (gets(name, at) ? 'granted' : null)));
            expect(app.page.url()).not.toMatch(/code=|state=/);
            expect([app, other].map(({ server }) => server.requests().length)).toEqual([app, other].map((one) => Number(one === asks)));
          }
        }
      }
      expect([(await app.session()).claims?.sub, (await other.session()).claims?.sub]).toEqual(['ada', 'grace']);
    });
  }
}

test('an answer is left for the client that is created later, and a stranger’s is an error once', async ({ app, other }) => {
  await app.open({ scope: SCOPE });
  const url = await app.leave();
  await other.open({ scope: SCOPE });
  expect(await other.call('handleCallback')).toEqual({ value: null });
  expect(app.page.url()).toBe(url);
  // Nor does it go with the other's request.
  const asked = await other.start();
  await other.handle(other.server.approve(asked.url));
  expect((await other.call('upgrade', 'openid')).value?.returnTo).toBe('/cb');
  await app.open({ scope: SCOPE });
  expect((await app.call('handleCallback')).value).toMatchObject({ outcome: 'granted' });

  await app.goto('/cb?state=strange&code=x');
  await app.open();
  await other.open();
  const answers = await handledInOrder(app, ['other', 'main']);
  expectFailure(answers[0]!, 'transaction_missing');
  expect(answers[1]).toEqual({ value: null });
});

for (const order of ['the first', 'the second']) {
  test(`popups of both at once: each answer reaches the client that asked, where ${order} client lands first`, async ({ app, other }) => {
    for (const { server } of [app, other]) server.authorize = () => undefined;
    await landBoth(...(order === 'the first' ? [[app], [other]] : [[other], [app]]) as [App][]);
    await app.open({ scope: SCOPE });
    await other.open({ scope: SCOPE });
    const first = await popupOf(app, 'signIn', { mode: 'popup' });
    const second = await popupOf(other, 'signIn', { mode: 'popup' });
    // The one that was asked last is answered first.
    await follow(second.popup, other.server.approve(second.popup.url()));
    expect((await second.answer).value).toMatchObject({ outcome: 'granted' });
    expect([(await app.session()).signedIn, (await other.session()).signedIn]).toEqual([false, true]);
    await follow(first.popup, app.server.approve(first.popup.url()));
    expect((await first.answer).value).toMatchObject({ outcome: 'granted' });
    expect([await token(app), await token(other)]).toEqual(['access-1', 'access-1b']);
    await expect.poll(() => app.page.context().pages().length).toBe(1);
  });
}

test('an upgrade that waits for its answer goes on while the other client signs in, and out', async ({ app, other, server }) => {
  await landBoth([other], [app]);
  await app.open({ scope: SCOPE });
  await other.open({ scope: SCOPE });
  await app.signIn();
  server.authorize = () => undefined;
  const upgrade = await popupOf(app, 'upgrade', 'write:x', { mode: 'popup' });
  // One that left the page is still to come back, too.
  const left = await app.ask('upgrade', 'admin:x');
  await other.signIn();
  await other.call('signOut', { local: true });
  expect(Object.values(await transactionRecords(app.page)).filter(({ status }) => status === 'pending')).toHaveLength(2);
  await follow(upgrade.popup, server.approve(upgrade.popup.url()));
  expect((await upgrade.answer).value).toMatchObject({ outcome: 'granted' });
  expect((await app.handle(server.approve(left))).value).toMatchObject({ kind: 'upgrade', granted: expect.arrayContaining(['admin:x']) });
  expect((await other.session()).signedIn).toBe(false);
});

for (const storage of STORAGES) {
  for (const otherStorage of storage === 'session' ? STORAGES : [storage]) {
    test(`sessions, records and refreshes are apart, with storage ${storage} and ${otherStorage}`, async ({ app, other, server, otherServer }) => {
      for (const one of [server, otherServer]) one.refreshes = true;
      const open = async () => {
        await app.open({ scope: LASTING, storage });
        await other.open({ scope: LASTING, storage: otherStorage });
      };
      await open();
      for (const one of [app, other]) await listen(one);
      await app.signIn();
      expect([(await app.session()).signedIn, (await other.session()).signedIn, await told(other)]).toEqual([true, false, 0]);
      await other.signIn();
      expect([await told(app), await told(other)]).toEqual([1, 1]);

      // Neither waits for the other: one gets its token while the other's server is silent.
      const answer = server.token;
      const came = new Promise<() => void>((resolve) => {
        server.token = (exchange) => new Promise<void>((go) => resolve(go)).then(() => answer(exchange));
      });
      const slow = token(app, { forceRefresh: true });
      const go = await came;
      expect(await token(other, { forceRefresh: true })).toBe('access-2b');
      go();
      expect(await slow).toBe('access-2');
      server.token = answer;
      expect(await Promise.all([app, other, app].map((one) => token(one, { forceRefresh: true })))).toEqual(['access-3', 'access-3b', 'access-3']);

      const areas: Area[] = ['session', 'local', ...(storage === 'indexeddb' || otherStorage === 'indexeddb' ? ['indexeddb'] as const : [])];
      expect(await recordsOf(app, server, areas)).not.toMatch(/access-\db|refresh-\db|grace/);
      expect(await recordsOf(app, otherServer, areas)).not.toMatch(/access-\d"|refresh-\d"|"ada"/);

      const changes = await told(app);
      await other.call('signOut');
      expect(otherServer.requests('/revoke').map(({ form }) => form.get('token'))).toEqual(['refresh-3b']);
      expect(server.requests('/revoke')).toEqual([]);
      expect([await told(app), await token(app), (await other.session()).signedIn]).toEqual([changes, 'access-3', false]);
      if (!['memory', 'worker'].includes(storage)) {
        await app.goto();
        await open();
        expect([await token(app), (await other.session()).signedIn]).toEqual(['access-3', false]);
      }
    });
  }
}

for (const storage of STORAGES) {
  test(`a sign-out of one in another tab leaves the other, with storage ${storage}`, async ({ app, other, context }) => {
    const options = { scope: SCOPE, storage };
    for (const one of [app, other]) await (await one.open(options)).signIn();
    const page = await context.newPage();
    const [appThere, otherThere] = [app.in(page), other.in(page)];
    await appThere.goto();
    for (const one of [appThere, otherThere]) await one.open(options);
    if (['session', 'memory'].includes(storage)) for (const one of [appThere, otherThere]) await one.signIn();
    for (const one of [app, other, appThere, otherThere]) await listen(one);
    await otherThere.call('signOut', { local: true });
    await expect.poll(async () => (await other.session()).signedIn).toBe(false);
    expect([(await app.session()).signedIn, (await appThere.session()).signedIn]).toEqual([true, true]);
    expect([await told(app), await told(appThere)]).toEqual([0, 0]);
    expect(await told(other)).toBeGreaterThan(0);
    expect(await token(app)).toMatch(/^access-\d$/);
  });
}

test('each has a key of its own, and what each remembers is its own', async ({ app, other, server, otherServer }) => {
  const [proofs, otherProofs] = [binds(server), binds(otherServer)];
  const options = { scope: 'openid read:x', dpop: true, rememberScopes: true };
  for (const one of [app, other]) await (await one.open(options)).signIn();
  await app.upgrade('write:x');
  const keys = [proofs, otherProofs].map((all) => new Set(all.map(({ key }) => key)));
  expect(keys.map(({ size }) => size)).toEqual([1, 1]);
  expect([...keys[0]!]).not.toEqual([...keys[1]!]);
  expect((await app.call('scopeReport')).value!.remembered).toEqual(['write:x']);
  expect((await other.call('scopeReport')).value!.remembered).toEqual([]);
  expect(await other.call('signOut', { local: true, forget: true })).toEqual({});
  expect((await app.call('scopeReport')).value!.remembered).toEqual(['write:x']);
  // The key of the one that signed out is not the key of the other.
  expect(await token(app)).toBe('access-2');
});

test('what users granted before is asked for again at both at once, in frames, each at its own server', async ({ app, other }) => {
  const options = { scope: 'openid read:x', rememberScopes: true };
  await landBoth([other, options], [app, options]);
  for (const one of [app, other]) await (await one.open(options)).signIn();
  await app.upgrade('write:x');
  await other.upgrade('events:x');
  for (const one of [app, other]) await one.call('signOut', { local: true });
  for (const { server } of [app, other]) server.asks.length = 0;
  const requests = [];
  for (const one of [app, other]) requests.push([one, (await one.start()).url] as const);
  await Promise.all(requests.map(([one, url]) => one.handle(one.server.approve(url))));
  await expect.poll(async () => [(await app.session()).granted, (await other.session()).granted]).toEqual([['openid', 'read:x', 'write:x'], ['openid', 'read:x', 'events:x']]);
  expect([app, other].map(({ server }) => server.asks.map((url) => new URL(url).searchParams.get('prompt')))).toEqual([['none'], ['none']]);
});

test('a trap ends both, with an error that says so, and new clients go on with both sessions', async ({ app, other }) => {
  await app.goto('/trapping/');
  for (const one of [app, other]) await (await one.open({ scope: SCOPE })).signIn();
  for (const { server } of [app, other]) server.refreshes = true;
  const held = [app, other].map(({ server }) => new Promise<void>((resolve) => { server.token = () => resolve(); }));
  for (const one of [app, other]) {
    const { url } = await one.start();
    await one.page.evaluate(([name, url]) => void ((globalThis as any)[name] = kit.call(name, 'handleCallback', url)), [one.name, one.server.approve(url)] as const);
  }
  await Promise.all(held);
  await app.page.evaluate(() => kit.generated.trap());
  for (const one of [app, other]) {
    expectFailure(await one.page.evaluate((name) => (globalThis as any)[name], one.name), 'instance_poisoned', { retryable: true });
    expectFailure(await one.call('getAccessToken', { forceRefresh: true }), 'instance_poisoned');
  }
  for (const one of [app, other]) {
    await one.as(`${one.name} again`).open({ scope: SCOPE });
    expect(await token(one.as(`${one.name} again`))).toBe(`access-1${one.server.mark}`);
  }
});

/** What the API got, and from whom. */
const tokens = (api: ScriptedApi) => api.tokens().splice(0);

test('an API gets the token of the client that is asked, and no other', async ({ app, other, api, stranger }) => {
  await app.open({ scope: SCOPE, apis: { [api.origin]: {} } });
  await other.open({ scope: SCOPE, apis: { [stranger.origin]: {} } });
  for (const one of [app, other]) await one.signIn();
  for (const [one, url, code] of [[app, stranger.origin, 'untrusted_origin'], [other, api.origin, 'untrusted_origin'], [app, api.origin], [other, stranger.origin]] as const) {
    const answer = await call(one, url);
    if (code) expectFailure(answer, code);
    else expect(answer.value).toMatchObject({ status: 200 });
  }
  expect([tokens(api), tokens(stranger)]).toEqual([['access-1'], ['access-1b']]);
});

test('an API of both gets the token of whoever asks, and its challenges lead to that one’s server', async ({ app, other, api, otherServer, server }) => {
  await landBoth([app], [other]);
  const apis = { [api.origin]: { challengeScope: 'write:x' } };
  for (const one of [app, other]) await (await one.open({ scope: 'openid read:x', apis })).signIn();
  for (const one of [app, other, app]) expect((await call(one, api.origin)).value).toMatchObject({ status: 200 });
  expect(tokens(api)).toEqual(['access-1', 'access-1b', 'access-1']);

  api.answer = ({ headers }) => (headers.authorization === 'Bearer access-2b' ? { body: 'done' }
    : { status: 403, headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="write:x"' } });
  expect((await call(other, api.origin, { onMissing: 'popup' })).value).toMatchObject({ status: 200 });
  expect([server.asks.length, otherServer.asks.length]).toEqual([0, 1]);
  expect([(await app.session()).granted, (await other.session()).granted]).toEqual([['openid', 'read:x'], ['openid', 'read:x', 'write:x']]);
});

test('C026 without iss, nor where each client is of a copy of the package of its own', async ({ app, other, server, otherServer }) => {
  const silent = { metadata: { ...server.metadata, authorization_response_iss_parameter_supported: undefined } as never };
  const open = async () => {
    await app.open({ scope: SCOPE, ...silent });
    await app.page.evaluate(async ([name, options]) => {
      const copy = await import('/pkg/index.js?copy' as string) as typeof kit;
      if (copy.createClient === kit.createClient) throw new Error('the same copy');
      kit.clients[name] = await copy.createClient(options as never);
    }, [other.name, other.options({ redirectUri: '/cb2' }) as object] as const);
  };
  await open();
  const { url } = await app.start();
  // The host adds a slash.
  const misled = new URL(server.approve(url, { iss: undefined }).replace('/cb?', '/cb2/?'));
  await app.goto(`${misled.pathname}${misled.search}`);
  await open();
  const answers = await handledInTurn(app, ['main', 'other']);
  expectFailure(answers[0]!, 'issuer_mismatch');
  expect(answers[1]).toEqual({ value: null });
  expect([server, otherServer].map((one) => one.requests())).toEqual([[], []]);
});

test('C026 without iss, nor where a relay went on to the application', async ({ app, other, server, otherServer, page }) => {
  const silent = { metadata: { ...server.metadata, authorization_response_iss_parameter_supported: undefined } as never };
  await page.addInitScript(() => ((globalThis as any).relayOptions = { next: '/app/' }));
  const open = async () => {
    await app.open({ scope: SCOPE, redirectUri: '/relay/cb?of=1', ...silent });
    await other.open({ scope: SCOPE, redirectUri: '/relay/cb?of=2' });
  };
  const relayed = async (url: string) => {
    await page.goto(url);
    await page.waitForURL(`${app.origin}/app/?*`);
    await open();
    return (await handledInTurn(app, ['main', 'other'])).map(({ value, error }) => error?.code ?? value?.outcome ?? null);
  };
  await open();
  const answer = server.approve((await app.start()).url, { iss: undefined }).replace('of=1?', 'of=1&');
  expect(await relayed(answer.replace('of=1', 'of=2'))).toEqual(['issuer_mismatch', null]);
  expect([server, otherServer].map((one) => one.requests())).toEqual([[], []]);
  expect(await relayed(answer)).toEqual(['granted', null]);
});

test('C026 without iss, an answer that comes to the redirect URI of another server’s client goes nowhere', async ({ app, other, server, otherServer }) => {
  // The hostile one is that of `app`: it has the other server answer in its place.
  const silent = { metadata: { ...server.metadata, authorization_response_iss_parameter_supported: undefined } as never };
  const open = async () => {
    await app.open({ scope: SCOPE, ...silent });
    await other.open({ scope: SCOPE, redirectUri: '/cb2' });
  };
  await open();
  const { url } = await app.start();
  const misled = new URL(server.approve(url, { iss: undefined }).replace('/cb?', '/cb2?'));
  for (const names of [['main', 'other'], ['other', 'main']]) {
    await app.goto(`${misled.pathname}${misled.search}`);
    await open();
    const answers = await handledInTurn(app, names);
    expectFailure(answers[names.indexOf('main')]!, 'issuer_mismatch');
    expect(answers[names.indexOf('other')]).toEqual({ value: null });
    expect(app.page.url()).not.toContain('code=');
  }
  // Nor does it in a popup, where the page that asked has both.
  server.authorize = () => undefined;
  await landBoth([other, { redirectUri: '/cb2' }], [app, silent]);
  await open();
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  const answered = server.approve(popup.url(), { iss: undefined });
  await follow(popup, `${app.origin}/cb2?${new URL(answered).searchParams}`);
  expectFailure(await answer, 'issuer_mismatch');
  expect([server, otherServer].map((one) => one.requests())).toEqual([[], []]);
});
