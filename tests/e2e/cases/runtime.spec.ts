// WebAssembly in the page: loading it, losing it, and applications that misbehave.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';

test('C298 a policy that forbids WebAssembly is named', async ({ app, mayLog }) => {
  mayLog(/Content Security Policy|WebAssembly/i);
  await app.goto('/strict/');
  for (let turn = 0; turn < 2; turn += 1) {
    const answer = await app.tryOpen();
    expectFailure(answer, 'wasm_blocked_by_csp');
    expect(answer.error!.message).toContain("'wasm-unsafe-eval'");
  }
});

test('C301 outside of a browser nobody is signed in, and what needs a page says so', async () => {
  const entry = new URL('../../../pkg/index.js', import.meta.url).href;
  const script = `
    const before = Object.getOwnPropertyNames(globalThis).join();
    const { AuthError, createClient, init } = await import(${JSON.stringify(entry)});
    const codeOf = async (call) => { try { await call(); return 'none'; } catch (error) { return [error.name, error.code, error instanceof AuthError].join(); } };
    const scopes = { 'read:x': { title: 'Read', why: 'to show', locales: { de: { title: 'Lesen' } } }, pay: { title: 'Pay', sensitive: true } };
    const client = await createClient({ clientId: 'app', issuer: 'https://id.example', scopes });
    const { session } = client;
    const end = client.subscribe(() => {});
    end();
    const answers = [client.session === session, session.signedIn, session.claims, session.has('openid'), session.missing('a b'), client.hasScope('openid'), client.hasAnyScope('a b'), client.missingScopes(['a', 'b']), client.scopeStatus('a'), client.scopeReport().granted, client.idToken()];
    const refused = [];
    for (const name of ['authorizeUrl', 'prepare', 'signIn', 'upgrade', 'handleCallback', 'getAccessToken', 'fetch', 'userInfo', 'signOut']) refused.push(await codeOf(() => client[name]()));
    const none = [];
    for (const scope of ['', ' ', [], [''], null, undefined, 7, ['a', 7]]) {
      for (const name of ['hasScope', 'hasAnyScope', 'missingScopes', 'scopeStatus', 'explainScope']) none.push(await codeOf(() => client[name](scope)));
      for (const name of ['has', 'missing']) none.push(await codeOf(() => session[name](scope)));
    }
    none.push(await codeOf(() => client.scopeStatus('a b')), await codeOf(() => client.describeScopes(null)));
    const lists = [client.missingScopes(' a  b a'), client.describeScopes([]), client.describeScopes('b b read:x pay'), client.describeScopes('read:x', { locale: 'de-AT' })];
    none.push(await codeOf(() => client.describeScopes(7)));
    const listening = await codeOf(() => client.subscribe(7));
    client.close();
    console.log(JSON.stringify([before === Object.getOwnPropertyNames(globalThis).join(), answers, [...new Set(refused)], await codeOf(init), [...new Set(none)], lists, listening]));`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { timeout: 60_000 });
  const refusal = 'AuthError,not_in_browser,true';
  const described = [{ scope: 'b', title: 'b', sensitive: false }, { scope: 'read:x', title: 'Read', why: 'to show', sensitive: false }, { scope: 'pay', title: 'Pay', sensitive: true }];
  const german = [{ scope: 'read:x', title: 'Lesen', sensitive: false }];
  expect(JSON.parse(stdout)).toEqual([true, [true, false, null, false, ['a', 'b'], false, false, ['a', 'b'], 'not-requested', [], null], [refusal], refusal, ['AuthError,invalid_scope_syntax,true'], [['a', 'b'], [], described, german], 'AuthError,invalid_options,true']);
  expect(stderr).toBe('');
});

test('C302 the module is loaded once, however many ask', async ({ app }) => {
  let loads = 0;
  app.page.on('request', (request) => { if (request.url().endsWith('.wasm')) loads += 1; });
  await app.goto();
  const answers = await app.page.evaluate((options) => Promise.all([
    kit.settle(() => kit.init()), kit.settle(() => kit.init()), kit.open('a', options), kit.open('b', options), kit.settle(() => kit.init()),
  ]), app.options());
  expect(answers).toEqual([{}, {}, {}, {}, {}]);
  expect(await app.page.evaluate(() => kit.settle(() => kit.init()))).toEqual({});
  expect(loads).toBe(1);
});

test('a module that cannot be loaded is an error, and another try may do better', async ({ app, mayLog }) => {
  mayLog(/Failed to load resource/);
  await app.page.route('**/*.wasm', (route) => route.fulfill({ status: 404, body: '' }));
  await app.goto();
  expectFailure(await app.tryOpen(), 'wasm_unavailable', { retryable: true });
  expectFailure(await app.page.evaluate(() => kit.settle(() => kit.init('/nowhere.wasm'))), 'wasm_unavailable');
  await app.page.unroute('**/*.wasm');
  const sources = await app.page.evaluate(async () => {
    await kit.init(await (await fetch('/pkg/scopewise_bg.wasm')).arrayBuffer());
    return true;
  });
  expect(sources).toBe(true);
  await app.open();
});

test('why there is no module: what came from where, and what may have caused it', async ({ app, mayLog }) => {
  mayLog(/Failed to load resource|file:/);
  await app.page.route('**/nowhere.wasm', (route) => route.fulfill({ status: 404, contentType: 'text/plain', body: '' }));
  await app.page.route('**/page.wasm', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await app.page.route('**/*_bg.wasm', (route) => route.abort());
  await app.goto();
  const messages = await app.page.evaluate(async () => {
    const message = async (source?: string) => (await kit.settle(() => kit.init(source))).error?.message ?? '';
    const found = [await message('/nowhere.wasm'), await message('/page.wasm'), await message('file:///scopewise_bg.wasm'), await message()];
    // Some test environments have a page, and no such class.
    const { Request } = globalThis;
    delete (globalThis as any).Request;
    delete (globalThis as any).fetch;
    found.push(await message());
    globalThis.Request = Request;
    return found;
  });
  expect(messages[0]).toMatch(/nowhere\.wasm .*404.*text\/plain.*Rollup and esbuild do not copy the file/);
  expect(messages[1]).toMatch(/page\.wasm .*200.*text\/html.*Rollup and esbuild.*scopewise\/inline.*Vite before 8.*optimizeDeps/);
  expect(messages[2]).toMatch(/file:.*test environment.*bytes/);
  expect(messages[3]).toMatch(/scopewise_bg\.wasm.*connect-src/);
  expect(messages[4]).toMatch(/no fetch.*test environment.*init\(\)/);
});

test('what the module cannot come from is refused as that', async ({ app }) => {
  for (const source of [null, 7, {}, [], true]) {
    const answer = await app.page.evaluate((source) => kit.settle(() => kit.init(source as never)), source);
    expectFailure(answer, 'invalid_options', { retryable: false });
    expect(answer.error!.message).toContain('"source"');
  }
  await app.open();
});

/** A client that is signed in, on the package that can be made to trap. */
async function onTrapping(app: App): Promise<void> {
  await app.goto('/trapping/');
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
}

async function expectFreshStart(app: App): Promise<void> {
  await app.as('again').open({ scope: 'openid read:x' });
  const again = app.as('again');
  expect(await again.session()).toMatchObject({ signedIn: true, granted: ['openid', 'read:x'] });
  expect((await again.call('getAccessToken')).value).toBe('access-1');
  expect((await again.call('hasScope', 'read:x')).value).toBe(true);
}

test('C304 a trap in a call ends the instance, and a new client goes on', async ({ app }) => {
  await onTrapping(app);
  const answer = await app.page.evaluate(async () => {
    const now = Date.now;
    Date.now = () => kit.generated.trap();
    try {
      return await kit.call('main', 'authorizeUrl');
    } finally {
      Date.now = now;
    }
  });
  expectFailure(answer, 'instance_poisoned', { retryable: true });
  const methods: [string, ...unknown[]][] = [['authorizeUrl'], ['hasScope', 'read:x'], ['getAccessToken'], ['prepare'], ['handleCallback'], ['signIn'], ['upgrade', 'write:x'], ['signOut', { local: true }], ['idToken']];
  for (const [method, ...args] of methods) expectFailure(await app.call(method as 'prepare', ...(args as [])), 'instance_poisoned');
  expect((await app.session()).signedIn).toBe(true);
  await expectFreshStart(app);
});

test('C305 a trap between two steps rejects what was under way, with its cause', async ({ app, server }) => {
  await onTrapping(app);
  const callback = server.approve((await app.start()).url);
  server.token = () => {};
  const answers = await app.page.evaluate(async (url) => {
    const under = kit.call('main', 'handleCallback', url);
    kit.generated.trap(new Promise((resolve) => setTimeout(resolve, 50)));
    const first = await under;
    const cause = await kit.clients['main'].prepare().catch((error: Error) => String(error.cause));
    return { first, cause, then: await kit.call('main', 'hasScope', 'read:x') };
  }, callback);
  expectFailure(answers.first, 'instance_poisoned');
  expectFailure(answers.then, 'instance_poisoned');
  expect(answers.cause).toMatch(/RuntimeError|unreachable/);
  expect(JSON.stringify(answers)).not.toMatch(/recursive use|aliasing/);
  await expectFreshStart(app);
});

test('C306 calls on one client may overlap', async ({ app, server }) => {
  await app.open({ metadata: undefined, issuer: server.issuer });
  await app.call('prepare');
  const callback = server.approve((await app.start()).url);
  await app.goto();
  await app.open({ metadata: undefined, issuer: server.issuer });
  const answers = await app.page.evaluate((url) => Promise.all([
    kit.call('main', 'prepare'), kit.call('main', 'handleCallback', url), kit.call('main', 'prepare'), kit.call('main', 'handleCallback', url),
    kit.call('main', 'hasScope', 'openid'), kit.call('main', 'handleCallback'), kit.call('main', 'authorizeUrl'),
  ]), callback);
  expect(answers.map(({ value, error }) => error?.code ?? value?.outcome ?? value)).toEqual([undefined, 'granted', undefined, 'granted', false, null, 'metadata_required']);
  expect(server.requests()).toHaveLength(1);
});

test('C308 a listener that throws stops nobody, and its error is not swallowed', async ({ app, mayLog }) => {
  mayLog(/the listener broke/);
  await app.open();
  const errors: string[] = [];
  app.page.on('pageerror', (error) => void errors.push(error.message));
  await app.page.evaluate(() => {
    (globalThis as any).heard = 0;
    const { subscribe } = kit.clients['main'];
    subscribe(() => { throw new Error('the listener broke'); });
    subscribe(() => { (globalThis as any).heard += 1; });
    subscribe(() => Promise.reject(new Error('the listener broke later')));
  });
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
  expect(await app.page.evaluate(() => (globalThis as any).heard)).toBe(1);
  await expect.poll(() => errors.sort()).toEqual(['the listener broke', 'the listener broke later']);
  expect((await app.session()).signedIn).toBe(true);
});

const FETCHES = [
  ['throws', 'network'], ['rejects', 'token_response_lost'], ['never settles', 'timeout'], ['returns nothing', 'token_response_lost'], ['returns a number', 'token_response_lost'], ['returns half a response', 'token_response_lost'],
] as const;

for (const [how, code] of FETCHES) {
  test(`C308 a fetch of one’s own that ${how}`, async ({ app, server }) => {
    const answer = await app.page.evaluate(([how, options]) => {
      const fetches = {
        throws: () => { throw new TypeError('no'); },
        rejects: () => Promise.reject(new TypeError('no')),
        'never settles': () => new Promise(() => {}),
        'returns nothing': () => undefined,
        'returns a number': () => 7,
        'returns half a response': () => ({ status: 200, headers: new Headers(), text: () => { throw new Error('no'); } }),
      };
      return kit.open('main', { ...options, timeout: 200, fetch: fetches[how] });
    }, [how, app.options()] as const);
    expect(answer).toEqual({});
    const callback = server.approve((await app.start()).url);
    expectFailure(await app.handle(callback), code);
    // What surely did not leave may be handled again, and nothing else.
    expectFailure(await app.handle(callback), code === 'network' ? 'network' : 'callback_consumed');
    expect((await app.session()).signedIn).toBe(false);
  });
}

test('whatever an application hands over, the instance lives', async ({ app }) => {
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  const codes = await app.page.evaluate(async (options) => {
    const thrower = (names: string[]) => Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { enumerable: true, get() { throw new Error('mine'); } }])));
    const hostile = Object.assign(Promise.resolve(new Response('{}')), { then() { throw new Error('mine'); } });
    const client = kit.clients['main'];
    const codeOf = async (work: () => unknown) => (await kit.settle(work)).error?.code ?? 'none';
    const { proxy: revoked, revoke } = Proxy.revocable(['read:x'], {});
    revoke();
    const broken = Object.defineProperty(['read:x'], '0', { get() { throw new Error('mine'); } });
    const calls = {
      scope: () => client.missingScopes(broken), proxy: () => client.hasScope(new Proxy(['read:x'], { get() { throw new Error('mine'); } })),
      upgrade: () => client.upgrade(broken), selector: () => client.hasScope('read:x', thrower(['audience'])), option: () => client.authorizeUrl(thrower(['scope'])),
      signal: () => client.signIn({ mode: 'silent', signal: Object.create(AbortSignal.prototype) }), url: () => client.handleCallback(new URL('https://app.example') as never),
      has: () => client.session.has(new Proxy(['read:x'], { get() { throw new Error('mine'); } })), missing: () => client.session.missing(revoked),
      api: () => client.apiScopes({ toString() { throw new Error('mine'); } } as never), proof: () => client.dpopProof(Object.create(null)),
    };
    const found: Record<string, string> = {};
    for (const [name, work] of Object.entries(calls)) found[name] = await codeOf(work);
    const fetches = { then: () => hostile, members: () => thrower(['status', 'headers', 'text']), text: () => ({ status: 200, headers: new Headers({ 'content-type': 'application/json' }), text: () => '{}' }) };
    for (const [name, fetch] of Object.entries(fetches)) {
      await kit.open(name, { ...options, metadata: undefined, issuer: 'https://id.example', timeout: 500, fetch });
      found[name] = await codeOf(() => kit.clients[name].prepare());
      await codeOf(() => client.fetch('/own', {}));
    }
    const storage = { getItem: () => hostile, setItem: () => hostile, removeItem: () => hostile };
    found.storage = await codeOf(async () => (await kit.createClient({ ...options, storage } as never)).session);
    for (const event of [new Event('storage'), Object.assign(new Event('storage'), { key: thrower(['length', 'toString']) }), new Event('pageshow'), new Event('visibilitychange')]) dispatchEvent(event);
    Object.freeze(Object.prototype);
    return { found, lives: client.hasScope('read:x'), token: await client.getAccessToken() };
  }, app.options());
  expect(codes.lives).toBe(true);
  expect(codes.token).toBe('access-1');
  const { scope, proxy, upgrade, selector, option, signal, url, has, missing, api, proof, storage, ...fetches } = codes.found;
  expect([scope, proxy, upgrade, selector, option, signal, url, has, missing, api, proof]).toEqual(Array(11).fill('invalid_options'));
  expect(storage).toBe('none');
  expect(Object.values(fetches)).not.toContain('instance_poisoned');
  expect(Object.values(fetches)).not.toContain('none');
});
