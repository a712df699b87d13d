// The client as an application holds it: options, snapshots, listeners, signals.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';

test('unknown and wrong options are named', async ({ app }) => {
  const wrong: [object, RegExp][] = [
    [{ clientID: 'app' }, /clientID/], [{ clientId: 7 }, /clientId/], [{ clientId: '' }, /clientId/], [{ scopes: 'openid' }, /scopes/],
    [{ timeout: '1000' }, /timeout/], [{ timeout: -1 }, /timeout/], [{ clockTolerance: 301 }, /clockTolerance/], [{ redirectUri: 'javascript:alert(1)' }, /redirectUri/],
    [{ redirectUri: '/cb#x' }, /redirectUri/], [{ authorizationParams: { state: 'x' } }, /state/], [{ authorizationParams: 'a=b' }, /authorizationParams/], [{ fetch: 7 }, /fetch/],
    [{ metadata: undefined }, /issuer/], [{ metadata: null }, /"metadata"/], [{ metadata: [] }, /"metadata"/], [{ metadata: 'https://id.example' }, /"metadata"/], [{ issuer: 'https://id.example' }, /issuer/], [{ dpop: 'yes' }, /dpop/], [{ audience: '' }, /audience/],
  ];
  for (const [options, name] of wrong) {
    const answer = await app.tryOpen(options);
    expectFailure(answer, 'invalid_options');
    expect(answer.error!.message).toMatch(name);
  }
  await app.open();
  for (const [options, name] of [[{ scopes: 'x' }, /scopes/], [{ maxAge: '5' }, /maxAge/], [{ maxAge: -5 }, /maxAge/], [{ params: { nonce: 'x' } }, /nonce/], [{ mode: 'window' }, /mode/], [{ responseMode: 'form_post' }, /responseMode/], [{ signal: 1 }, /signal/]] as [object, RegExp][]) {
    const answer = await app.call('signIn', options);
    expectFailure(answer, 'invalid_options');
    expect(answer.error!.message).toMatch(name);
  }
  expect(await app.records()).toEqual({});
});

test('a session is one frozen object for as long as nothing changes', async ({ app, server }) => {
  await app.open();
  const callback = server.approve((await app.start()).url);
  const seen = await app.page.evaluate(async (url) => {
    const client = kit.clients['main'];
    const signedOut = client.session;
    const same = [client.session === signedOut];
    await client.handleCallback(url);
    const signedIn = client.session;
    same.push(signedIn === signedOut, client.session === signedIn);
    client.hasScope('openid');
    await client.getAccessToken();
    await client.handleCallback(url);
    same.push(client.session === signedIn);
    const frozen = [signedIn, signedIn.granted, signedIn.claims].every(Object.isFrozen);
    await client.signOut({ local: true });
    same.push(client.session === signedIn);
    return { same, frozen, is: [signedOut.signedIn, signedIn.signedIn, client.session.signedIn] };
  }, callback);
  expect(seen).toEqual({ same: [true, false, true, true, false], frozen: true, is: [false, true, false] });
});

test('a listener hears every change, until it has heard enough', async ({ app }) => {
  await app.open();
  await app.page.evaluate(() => {
    const heard: string[] = ((globalThis as any).heard = []);
    const client = kit.clients['main'];
    const listener = () => heard.push(client.session.signedIn ? 'in' : 'out');
    (globalThis as any).end = client.subscribe(listener);
    client.subscribe(listener);
  });
  await app.signIn();
  await app.page.evaluate(() => { (globalThis as any).end(); (globalThis as any).end(); });
  await app.call('signOut', { local: true });
  await app.call('signOut', { local: true });
  expect(await app.page.evaluate(() => (globalThis as any).heard)).toEqual(['in', 'in', 'out']);
});

test('a client that is closed says so, and the session stays for the next', async ({ app }) => {
  await app.open();
  await app.signIn();
  expect(await app.call('close')).toEqual({});
  expectFailure(await app.call('getAccessToken'), 'invalid_options');
  expect((await app.session()).signedIn).toBe(true);
  await app.open();
  expect((await app.session()).signedIn).toBe(true);
});

test('an AbortSignal ends a call before it leaves', async ({ app, server }) => {
  await app.open({ metadata: undefined, issuer: server.issuer });
  server.discovery = ({ json }) => void setTimeout(json, 300, server.metadata);
  const answers = await app.page.evaluate(async () => {
    const client = kit.clients['main'];
    const late = new AbortController();
    const pending = kit.settle(() => client.signIn({ signal: late.signal }));
    late.abort();
    const early = await kit.settle(() => client.signIn({ signal: AbortSignal.abort() }));
    const token = await kit.settle(() => client.getAccessToken({ signal: AbortSignal.abort() }));
    return { pending: await pending, early, token };
  });
  expectFailure(answers.pending, 'aborted');
  expectFailure(answers.early, 'aborted');
  expectFailure(answers.token, 'aborted');
  server.discovery = ({ json }) => json(server.metadata);
  await app.call('prepare');
  await app.page.waitForTimeout(500);
  expect(app.page.url()).toBe(`${app.origin}/app/`);
  expect(await app.records()).toEqual({});
});

test('a signal of another window of the origin is one, too', async ({ app, server }) => {
  await app.open({ metadata: undefined, issuer: server.issuer });
  const answers = await app.page.evaluate(async () => {
    const client = kit.clients['main'];
    const frame = document.body.appendChild(document.createElement('iframe'));
    const theirs = frame.contentWindow as unknown as typeof globalThis;
    const late = new theirs.AbortController();
    const pending = kit.settle(() => client.signIn({ mode: 'silent', signal: late.signal }));
    late.abort();
    const early = theirs.AbortSignal.abort('theirs');
    const token = await kit.settle(() => client.getAccessToken({ signal: early }));
    const reason = await client.fetch('/own', { signal: early }).catch((thrown: unknown) => thrown);
    const none = await kit.settle(() => client.getAccessToken({ signal: { aborted: false } as AbortSignal }));
    return { pending: await pending, token, reason, none };
  });
  expectFailure(answers.pending, 'aborted');
  expectFailure(answers.token, 'aborted');
  expect(answers.reason).toBe('theirs');
  expectFailure(answers.none, 'invalid_options');
});

test('appState comes back as it went, with the outcome or the error, and never in the URL', async ({ app, server }) => {
  await app.open();
  const appState = { text: 'ä "quoted" & <b>', list: [1, 2.5, null, true], deep: { draft: 'x'.repeat(200_000) } };
  const { url } = await app.start({ appState });
  expect(url).not.toContain('quoted');
  expect((await app.handle(server.approve(url))).value!.appState).toEqual(appState);
  expectFailure(await app.handle(server.reply((await app.start({ appState: 0 })).url, { error: 'login_required' })), 'login_required', { appState: 0 });
  const tooMuch = await app.call('authorizeUrl', { appState: 'x'.repeat(300_000) });
  expectFailure(tooMuch, 'invalid_options');
});

test('appState comes back as it went, however deep or long it is', async ({ app, server }) => {
  await app.open();
  for (const [levels, items] of [[100_000, 1], [1, 100_000]] as const) {
    // Made, and looked at, in the page: a value with so many levels does not cross to the test.
    const url = await app.page.evaluate(([levels, items]) => {
      let appState: unknown = Array(items).fill(1);
      for (let level = 1; level < levels; level += 1) appState = [appState];
      return kit.clients['main'].authorizeUrl({ appState }).url;
    }, [levels, items] as const);
    const answer = server.approve(url);
    // The second time it is the recorded one.
    for (const turn of ['first', 'again']) {
      const came = await app.page.evaluate(async (answer) => {
        const { value, error } = await kit.call('main', 'handleCallback', answer) as { value?: { appState: unknown }; error?: { name: string } };
        let depth = 0;
        let length = 0;
        for (let at = value?.appState; Array.isArray(at) && Object.isFrozen(at); at = at[0]) {
          depth += 1;
          length = at.length;
        }
        return [error?.name, depth, length];
      }, answer);
      expect(came, turn).toEqual([undefined, levels, items]);
    }
  }
});

test('signing out forgets, and leaves with what the server needs', async ({ app, server }) => {
  const metadata = { ...server.metadata, end_session_endpoint: `${server.issuer}/authorize` };
  await app.open({ metadata: metadata as never });
  await app.signIn();
  const idToken = (await app.call('idToken')).value;
  expect(idToken).toMatch(/^eyJ/);
  const asked = server.asked();
  expect(await app.call('signOut', { returnTo: '/bye' })).toEqual({});
  expect(Object.fromEntries(new URL(await asked).searchParams)).toEqual({ client_id: 'app', id_token_hint: idToken, post_logout_redirect_uri: `${app.origin}/bye`, state: expect.stringMatching(/^signout\.[\w-]{43}$/) });
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.sessionText()).toBeUndefined();
  expect((await app.call('idToken')).value).toBeNull();
});

test('closing ends the calls under way, and no answer is lost; other clients go on', async ({ app, server }) => {
  server.refreshes = true;
  const options = { scope: 'openid read:x offline_access' };
  await app.open(options);
  await app.signIn();
  const other = app.as('other');
  await other.open(options);
  const answer = server.token;
  let release: () => void = () => {};
  const sent = new Promise<void>((resolve) => {
    server.token = (exchange) => {
      release = () => void answer(exchange);
      resolve();
    };
  });
  const refresh = app.call('getAccessToken', { forceRefresh: true });
  const popup = app.page.evaluate(() => kit.call('main', 'signIn', { mode: 'silent' }));
  await sent;
  await app.call('close');
  expectFailure(await refresh, 'aborted', { retryable: true });
  expectFailure(await popup, 'aborted');
  expect(await app.page.evaluate(() => document.querySelectorAll('iframe').length)).toBe(0);
  expect((await other.call('getAccessToken')).value).toBe('access-1');
  release();
  server.token = answer;
  await expect.poll(() => app.sessionText()).toContain('access-2');
  expect((await other.call('getAccessToken', { forceRefresh: true })).value).toBe('access-3');
  await expect.poll(() => app.page.evaluate(async () => (await navigator.locks.query()).held!.filter(({ mode }) => mode === 'exclusive').length)).toBe(0);
});
