// What can go wrong on the way to the server and back, at every endpoint: a typed error, and nothing lost or sent twice.
import { type Answer, type App, expectFailure } from '../app.js';
import { expect, test as base } from '../fixtures.js';
import { FAULTS, proxy, type Fault, type Proxy } from '../proxy.js';
import { noteTimers, waits } from '../timers.js';

const test = base.extend<{ between: Proxy }>({
  between: async ({ server, mayLog }, use) => {
    mayLog(/Failed to load resource|CORS policy/);
    const between = await proxy(server.issuer);
    // The server is where the proxy is.
    const moved = JSON.stringify(server.metadata).replaceAll(server.issuer, between.origin);
    server.metadata = JSON.parse(moved);
    server.issuer = between.origin;
    server.refreshes = true;
    await use(between);
    await between.close();
  },
});

/** How long requests may take. The proxy's late answers take longer. */
const TIMEOUT = 2000;
const SCOPE = 'openid read:x offline_access';

/** By endpoint: what calls it, and what may come of it by what goes wrong; the same for all faults that have no line. */
interface Case {
  readonly path: RegExp;
  readonly signedIn: boolean;
  call(app: App): Promise<Answer<any>>;
  readonly codes: Partial<Record<Fault, string>> & { readonly all: string };
}

const CASES: Readonly<Record<string, Case>> = {
  'token endpoint, with a code': {
    path: /^\/token/,
    signedIn: false,
    call: async (app) => {
      const { url } = await app.start();
      return app.handle(app.server.approve(url));
    },
    codes: { all: 'token_response_lost', 'too late': 'timeout', HTML: 'token_response_invalid', '503': 'http', redirected: 'http' },
  },
  'token endpoint, with a refresh token': {
    path: /^\/token/,
    signedIn: true,
    call: (app) => app.call('getAccessToken', { forceRefresh: true }),
    codes: { all: 'token_response_lost', 'too late': 'timeout', HTML: 'token_response_invalid', '503': 'http', redirected: 'http' },
  },
  'userinfo endpoint': {
    path: /^\/userinfo/,
    signedIn: true,
    call: (app) => app.call('userInfo'),
    codes: { all: 'network', 'too late': 'timeout', HTML: 'user_info_invalid', '503': 'http', redirected: 'http' },
  },
  'discovery': {
    path: /^\/\.well-known/,
    signedIn: true,
    call: (app) => app.call('prepare'),
    codes: { all: 'network', 'too late': 'timeout', HTML: 'metadata_invalid', '503': 'http', redirected: 'http' },
  },
};

const at = (path: RegExp, fault: Fault) => (passing: { path: string }) => (path.test(passing.path) ? fault : undefined);
const options = (app: App, isFound: boolean) => ({ scope: SCOPE, timeout: TIMEOUT, ...(isFound && { metadata: undefined, issuer: app.server.issuer }) });

/** Answers that are some: whoever gave them has not taken a refresh token, and it may be sent once more. */
const DEFINITE: readonly Fault[] = ['503', 'redirected'];

/** No code came twice, and no refresh token of which it is not known what became of it. */
function expectNothingTwice(between: Proxy, fault: Fault): void {
  const again = (name: string) => between.sent(name).length - new Set(between.sent(name)).size;
  expect(again('code')).toBe(0);
  expect(again('refresh_token')).toBeLessThanOrEqual(DEFINITE.includes(fault) ? 1 : 0);
}

for (const [endpoint, { path, signedIn, call, codes }] of Object.entries(CASES)) {
  for (const fault of FAULTS) {
    test(`${endpoint}, ${fault}`, async ({ app, between }) => {
      const isFound = endpoint === 'discovery';
      if (signedIn) {
        await app.open(options(app, false));
        await app.signIn();
      }
      if (isFound) await app.goto();
      await app.open(options(app, isFound));
      const before = await app.session();
      between.fault = at(path, fault);
      const { value, error } = await call(app);
      expectFailure({ value, error } as Answer, codes[fault] ?? codes.all);
      expect(await app.session()).toEqual(before);

      // Again, by a caller who does not care why: nothing of it goes out twice.
      between.fault = () => undefined;
      const again = await call(app);
      expectNothingTwice(between, fault);
      expect(between.received.filter(({ path }) => path === '/elsewhere')).toEqual([]);
      expect((await app.session()).signedIn).toBe(signedIn || again.error === undefined);
      await app.signIn();
      expect((await app.call('getAccessToken', { forceRefresh: true })).value).toMatch(/^access-/);
      expectNothingTwice(between, fault);
    });
  }
}

for (const fault of FAULTS) {
  test(`revocation endpoint, ${fault}: a sign-out is one all the same`, async ({ app, between }) => {
    await app.open(options(app, false));
    await app.signIn();
    between.fault = at(/^\/revoke/, fault);
    await app.page.evaluate(noteTimers);
    expect(await app.call('signOut')).toEqual({});
    // Nothing else is waited for than the answer.
    expect(await waits(app)).toEqual(fault === 'too late' ? [TIMEOUT] : []);
    expect((await app.session()).signedIn).toBe(false);
    expect(JSON.stringify(await app.records())).not.toMatch(/:session"|access-|refresh-/);
    const revoked = between.sent('token');
    expect(revoked.length).toBeGreaterThan(0);
    expect(new Set(revoked).size).toBe(revoked.length);
    expect(between.received.filter(({ path }) => path === '/elsewhere')).toEqual([]);
    await app.signIn();
    expect((await app.session()).signedIn).toBe(true);
  });
}
