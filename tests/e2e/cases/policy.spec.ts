// Pages with the strictest policies that an application can have: everything works without a violation, and what is missing is named.
import { createHash } from 'node:crypto';
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { closed, landsItself, popupOf, follow } from '../windows.js';

const STORAGES = ['session', 'local', 'memory', 'indexeddb', 'worker', 'adapter'] as const;
type Storage = (typeof STORAGES)[number];

/** What a page needs, directive by directive. The data image is the test page's icon. */
const minimum = (app: App, storage: Storage): Record<string, string> => ({
  'default-src': "'none'",
  'img-src': 'data:',
  'script-src': "'self' 'wasm-unsafe-eval'",
  'connect-src': `'self' ${app.server.issuer}`,
  'frame-src': `'self' ${app.server.issuer}`,
  'frame-ancestors': "'self'",
  'require-trusted-types-for': "'script'",
  'trusted-types': storage === 'worker' ? 'scopewise' : "'none'",
});

/** From now on every page has the policy. A violation in any of them is an error in the console. */
async function serve(app: App, policy: Record<string, string>): Promise<void> {
  const context = app.page.context();
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) => console.error(`Content Security Policy: ${effectiveDirective} ${blockedURI}`));
  });
  await context.route((url) => /^\/(app|cb)/.test(url.pathname), async (route) => {
    const response = await route.fetch();
    const body = await response.text();
    const inline = createHash('sha256').update(/importmap">(.*?)<\/script>/.exec(body)![1]!).digest('base64');
    const directives = Object.entries({ ...policy, 'script-src': `${policy['script-src']} 'sha256-${inline}'` });
    const header = directives.map(([name, value]) => `${name} ${value}`).join('; ');
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': header } });
  });
}

const SCOPE = 'openid read:x offline_access';

async function openOn(app: App, storage: Storage): Promise<unknown> {
  if (storage !== 'adapter') return app.tryOpen({ scope: SCOPE, storage });
  return app.page.evaluate((options) => {
    const { localStorage } = globalThis;
    const adapter = {
      getItem: (key: string) => localStorage.getItem(key), setItem: (key: string, value: string) => localStorage.setItem(key, value), removeItem: (key: string) => localStorage.removeItem(key),
    };
    return kit.open('main', { ...options, storage: adapter });
  }, app.options({ scope: SCOPE }));
}

for (const storage of STORAGES) {
  test(`C298 a strict policy stops nothing, and nothing violates it: storage ${storage}`, async ({ app, server, context, mayLog }) => {
    server.refreshes = true;
    // The worker is started in the way that bundlers understand first, which Trusted Types refuse and report once a page.
    if (storage === 'worker') mayLog(/^console: .*(TrustedScriptURL|: require-trusted-types-for trusted-types-sink)/);
    await serve(app, minimum(app, storage));
    await app.goto();
    expect(await openOn(app, storage)).toEqual({});
    await app.leave();
    expect(await openOn(app, storage)).toEqual({});
    const handled = await app.call('handleCallback');
    expect(handled.error).toBeUndefined();
    expect(handled.value).toMatchObject({ outcome: 'granted' });
    expect((await app.call('getAccessToken', { forceRefresh: true })).value).toBe('access-2');

    await landsItself(context, app);
    server.authorize = () => undefined;
    const { popup, answer } = await popupOf(app, 'upgrade', 'write:x', { mode: 'popup' });
    await follow(popup, server.approve(popup.url()));
    expect((await answer).value).toMatchObject({ kind: 'upgrade', outcome: 'granted' });
    await closed(popup);
    server.authorize = (url) => server.approve(url);
    expect((await app.call('upgrade', 'write:y', { mode: 'silent' })).value).toMatchObject({ kind: 'upgrade', outcome: 'granted' });

    expect((await app.call('userInfo')).value).toMatchObject({ sub: 'ada' });
    expect((await app.page.evaluate(async () => (await kit.clients['main'].fetch('/app/api')).status))).toBe(200);
    expect((await app.call('getAccessToken', { forceRefresh: true })).value).toBe('access-5');
    expect(await app.call('signOut', { local: false })).toEqual({});
    expect(server.requests('/revoke').length).toBeGreaterThan(0);
  });
}

/** What each directive of the policy is there for: without it this fails, and the policy says so. */
const NEEDED: readonly [directive: string, storage: Storage, code: string][] = [
  ['connect-src', 'session', 'wasm_unavailable'],
  ['frame-src', 'session', 'timeout'],
  ['trusted-types', 'worker', 'storage_unavailable'],
];

for (const [directive, storage, code] of NEEDED) {
  test(`C298 none of the policy is too much: ${directive}`, async ({ app, context, mayLog }) => {
    mayLog(/^console: .*(Content Security Policy|TrustedScriptURL|TrustedTypePolicy)/i);
    const violations: string[] = [];
    context.on('console', (message) => void violations.push(...(/^Content Security Policy: ([\w-]+)/.exec(message.text()) ?? []).slice(1)));
    await serve(app, { ...minimum(app, storage), [directive]: "'none'" });
    await landsItself(context, app);
    await app.goto();
    const opened = await app.tryOpen({ storage: storage as 'session', timeout: 1500 });
    expectFailure(opened.error ? opened : await app.call('signIn', { mode: 'silent' }), code);
    await expect.poll(() => violations).toContain(directive);
  });
}

test("C298 without 'wasm-unsafe-eval' each call says so once, wherever the module comes from", async ({ app, mayLog }) => {
  mayLog(/^console: .*Content Security Policy/);
  await serve(app, { ...minimum(app, 'session'), 'script-src': "'self'" });
  await app.goto();
  const answers = await app.page.evaluate(async (options) => {
    const bytes = await (await fetch('/pkg/scopewise_bg.wasm')).arrayBuffer();
    const { integrity } = await import('/pkg/integrity.js' as string);
    const sources: [unknown?, object?][] = [[], ['/pkg/scopewise_bg.wasm'], [bytes], [fetch('/pkg/scopewise_bg.wasm')], [undefined, { integrity }]];
    const found = [];
    for (const [source, options] of sources) found.push(await kit.settle(() => kit.init(source as string, options)));
    const overlapping = await Promise.all([kit.open('main', options), kit.open('main', options), kit.open('worker', { ...options, storage: 'worker' })]);
    return [...found, ...overlapping];
  }, app.options());
  expect(answers).toHaveLength(8);
  for (const answer of answers) {
    expectFailure(answer, 'wasm_blocked_by_csp');
    expect(answer.error!.message).toMatch(/'wasm-unsafe-eval'.*script-src/);
  }
});
