// Where the module runs, and what may be around it: other files, other scripts, workers, sandboxes; memory and stacks that end.
import { type App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { noteMemory } from '../memory.js';

/** Bytes of a module that could be ours, but for what is done to them. */
async function initWith(app: App, change: string): Promise<any> {
  return app.page.evaluate(async (change) => {
    const bytes = new Uint8Array(await (await fetch('/pkg/scopewise_bg.wasm')).arrayBuffer());
    const at = bytes.length - 12;
    const changed = { none: () => bytes, mark: () => bytes.with(at, bytes[at]! ^ 1), unmarked: () => bytes.slice(0, at - 12), empty: () => bytes.slice(0, 8) }[change]!();
    return kit.settle(() => kit.init(changed as BufferSource));
  }, change);
}

test('C300 a module of another version than the script is refused in words, and the right one is taken after it', async ({ app }) => {
  for (const change of ['mark', 'unmarked', 'empty']) {
    const answer = await initWith(app, change);
    expectFailure(answer, 'wasm_unavailable', { retryable: true });
    expect(answer.error.message).toContain('of another version');
  }
  expect(await initWith(app, 'none')).toEqual({});
  await app.open();
  await app.signIn();
});

/** The client is over, in words, and the next one goes on with the stored session. */
async function expectContained(app: App): Promise<void> {
  expectFailure(await app.call('prepare'), 'instance_poisoned', { retryable: true });
  const again = app.as('again');
  await again.open({ scope: 'openid read:x' });
  expect(await again.session()).toMatchObject({ signedIn: true });
  expect((await again.call('missingScopes', 'read:x write:x')).value).toEqual(['write:x']);
}

test('C310 a stack that ends within the module is a trap like any other', async ({ app }) => {
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  const codes: string[] = await app.page.evaluate(() => {
    const client = kit.clients['main'];
    const codes = new Set<string>();
    /** Calls from the deepest place that there is, then from each above it, until a call comes back. */
    const dive = (): boolean => {
      let isDone = false;
      try {
        isDone = dive();
      } catch (deepest) {
        codes.add((deepest as Error).name);
      }
      if (isDone) return true;
      try {
        client.missingScopes('read:x');
        return true;
      } catch (error) {
        codes.add((error as any).code ?? (error as Error).name);
        return (error as any).code === 'instance_poisoned';
      }
    };
    dive();
    return [...codes];
  });
  expect(codes.filter((code) => code !== 'RangeError' && code !== 'instance_poisoned')).toEqual([]);
  if (codes.includes('instance_poisoned')) await expectContained(app);
  else expect((await app.call('missingScopes', 'read:x')).value).toEqual([]);
});

test('C310 memory that cannot grow is a trap like any other', async ({ app }) => {
  await app.page.addInitScript(noteMemory);
  await app.goto();
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  const answer = await app.page.evaluate(() => {
    const memory = (globalThis as any).memory as WebAssembly.Memory;
    // All that there may be is taken.
    for (let pages = 32_768; pages >= 1; pages /= 2) {
      try {
        for (;;) memory.grow(pages);
      } catch {}
    }
    return kit.call('main', 'handleCallback', `${location.origin}/cb?x=${'x'.repeat(5_000_000)}`);
  });
  expectFailure(answer, 'instance_poisoned', { retryable: true });
  await expectContained(app);
});

const REPLACED = ['fetch', 'JSON.parse', 'JSON.stringify', 'Date.now', 'crypto.getRandomValues', 'crypto.subtle.digest', 'URL', 'setTimeout'] as const;

for (const how of ['throws', 'gives rubbish'] as const) {
  test(`C314 a function of the page’s that ${how}: typed, and the client lives, or the next one does`, async ({ app, server }) => {
    for (const name of REPLACED) {
      await app.goto();
      await app.open({ scope: 'openid read:x' });
      await app.signIn();
      const callback = server.approve((await app.start()).url);
      const { codes, lives } = await app.page.evaluate(async ([name, how, callback]) => {
        const path = name.split('.');
        const last = path.pop()!;
        const owner = path.reduce((at: any, one) => at[one], globalThis);
        const own = Object.getOwnPropertyDescriptor(owner, last);
        const value = how === 'throws' ? () => { throw new Error('mine'); } : () => ({ then: 7, length: -1, status: 'x', byteLength: 1e9 });
        const calls: [string, ...unknown[]][] = [['authorizeUrl'], ['handleCallback', callback], ['getAccessToken'], ['hasScope', 'read:x'], ['missingScopes', 'read:x']];
        const codes: unknown[] = [];
        Object.defineProperty(owner, last, { value, configurable: true, writable: true });
        try {
          for (const [method, ...args] of calls) {
            const { error } = await kit.call('main', method, ...args);
            if (error) codes.push([name, method, error['isAuthError'], error.code, error.message]);
          }
        } finally {
          delete owner[last];
          if (own) Object.defineProperty(owner, last, own);
        }
        return { codes, lives: await kit.call('main', 'missingScopes', 'read:x') };
      }, [name, how, callback] as const);
      expect(codes.filter(([, , isAuthError]: any) => !isAuthError)).toEqual([]);
      if (lives.error) await expectContained(app);
    }
  });
}

test('C316 a service worker that keeps what it may keeps nothing of the server’s', async ({ app, server }) => {
  await app.page.evaluate(async () => {
    await navigator.serviceWorker.register('/kit/keeper.mjs', { type: 'module', scope: '/' });
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
  });
  server.refreshes = true;
  await app.open({ metadata: undefined, issuer: server.issuer, verifySignature: false, scope: 'openid read:x' });
  expect(await app.call('prepare')).toEqual({});
  await app.signIn();
  expect((await app.call('userInfo')).value).toMatchObject({ sub: 'ada' });
  expect((await app.call('getAccessToken', { forceRefresh: true })).value).toMatch(/^access-/);
  const kept: string[] = await app.page.evaluate(async () => {
    await fetch('/kit/kit.mjs');
    return (await (await caches.open('kept')).keys()).map(({ url }) => url);
  });
  expect(kept).toContain(`${app.origin}/kit/kit.mjs`);
  expect(kept.filter((url) => url.startsWith(server.issuer))).toEqual([]);
});

test('C320 in a worker nobody is signed in, and what needs a page says so', async ({ app }) => {
  const said = await app.page.evaluate(([origin, options]) => new Promise((done) => {
    const script = `import { createClient, init } from '${origin}/pkg/index.js';
      const codeOf = async (call) => { try { await call(); return 'none'; } catch (error) { return error.code; } };
      const client = await createClient(${JSON.stringify(options)});
      postMessage([client.session.signedIn, await codeOf(() => client.signIn()), await codeOf(() => client.getAccessToken()), await codeOf(init)]);`;
    const worker = new Worker(URL.createObjectURL(new Blob([script], { type: 'text/javascript' })), { type: 'module' });
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = ({ message }) => done(message);
  }), [app.origin, app.options()] as const);
  expect(said).toEqual([false, 'not_in_browser', 'not_in_browser', 'not_in_browser']);
});

test('C320 on a page that is isolated from other origins it works', async ({ app, server }) => {
  await app.goto('/secluded/');
  expect(await app.page.evaluate(() => crossOriginIsolated)).toBe(true);
  await app.open({ scope: 'openid read:x' });
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
  expect((await app.call('getAccessToken')).value).toBe('access-1');
  expect(server.requests()).toHaveLength(1);
});

test('C320 in a sandbox without an origin every failure is typed', async ({ app, server, mayLog }) => {
  mayLog(/sandbox|Blocked|CORS|Failed to load resource|import map/i);
  await app.goto('/sandboxed/');
  const opened = await app.tryOpen({ redirectUri: `${app.origin}/cb` });
  expect(opened.error?.code ?? 'storage_unavailable').toMatch(/^(invalid_options|storage_unavailable)$/);
  if (opened.error) expectFailure(opened, 'invalid_options');
  else expectFailure(await app.call('signIn'), 'storage_unavailable');
  expect(server.requests()).toEqual([]);
});
