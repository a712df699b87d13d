// The address bar, the history and the way back.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';

test('C008 reload on the callback brings the recorded outcome', async ({ app, server }) => {
  await app.open();
  const callback = await app.leave({ appState: { page: 7 } });
  await app.open();
  const first = await app.call('handleCallback');
  expect(first.value).toMatchObject({ kind: 'sign-in', outcome: 'granted', appState: { page: 7 } });
  await app.goto(callback);
  await app.open();
  expect(await app.call('handleCallback')).toEqual(first);
  expect((await app.session()).signedIn).toBe(true);
  expect(server.requests()).toHaveLength(1);
  expect(app.page.url()).toBe(`${app.origin}/cb`);
});

test('C009 reload while the code is on its way: it is not sent again', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource/);
  await app.open();
  const callback = await app.leave();
  await app.open();
  server.token = () => {};
  const asked = app.page.waitForRequest(`${server.issuer}/token`);
  await app.page.evaluate(() => void kit.call('main', 'handleCallback'));
  await asked;
  await app.goto(callback);
  await app.open();
  expectFailure(await app.call('handleCallback'), 'token_response_lost');
  expect(server.requests()).toHaveLength(1);
});

test('C010 the back button after a sign-in', async ({ app, server }) => {
  await app.open();
  await app.leave();
  await app.open();
  expect((await app.call('handleCallback')).value).toMatchObject({ outcome: 'granted' });
  await app.goto('/app/further');
  await app.page.goBack();
  expect(app.page.url()).toBe(`${app.origin}/cb`);
  await app.open();
  expect(await app.call('handleCallback')).toEqual({ value: null });
  expect((await app.session()).signedIn).toBe(true);
  expect(server.requests()).toHaveLength(1);
});

test('C286 returnTo leads nowhere but to a path of this origin', async ({ app, server }) => {
  await app.open();
  const strange = [
    '//evil.example', '/\\evil.example', '\\\\evil.example', '///evil.example', '/\t/evil.example', '/\n/evil.example', 'https:evil.example',
    'https://evil.example', 'javascript:alert(1)', 'data:text/html,x', `${app.origin}@evil.example/`, `${app.origin}.evil.example/`, '/a/../..//evil.example', '/%2e%2e//evil.example', 'relative', ' /',
  ];
  for (const returnTo of strange) {
    expectFailure(await app.call('authorizeUrl', { returnTo }), 'invalid_return_to');
    expectFailure(await app.call('signIn', { returnTo }), 'invalid_return_to');
  }
  expect(await app.records()).toEqual({});
  expect(await app.signIn({ returnTo: '/inbox?folder=2#latest' })).toMatchObject({ returnTo: '/inbox?folder=2#latest' });
  expect(await app.signIn({ returnTo: `${app.origin}/inbox` })).toMatchObject({ returnTo: '/inbox' });
  expect(server.requests()).toHaveLength(2);
});

test('C288 the redirect URI’s own page is one to return to, without a response', async ({ app }) => {
  await app.open();
  expect(await app.signIn({ returnTo: '/cb?again=1#/orders/8' })).toMatchObject({ returnTo: '/cb?again=1#/orders/8' });
  await app.goto('/cb?code=x&state=y&tab=2#/orders/8');
  await app.open();
  expect(await app.signIn()).toMatchObject({ returnTo: '/cb?tab=2#/orders/8' });
});

test('C289 only the answer’s parameters leave the address bar', async ({ app, server }) => {
  await app.open({ redirectUri: '/cb?mine=a%20b' });
  const { url } = await app.start();
  const callback = server.approve(url).replace('/cb?mine=a%20b?', '/cb?mine=a%20b&') + '&empty&session_state=x#part=%20two';
  await app.goto(callback);
  await app.open({ redirectUri: '/cb?mine=a%20b' });
  const length = await app.page.evaluate(() => {
    history.replaceState({ scroll: 12 }, '');
    return history.length;
  });
  expect((await app.call('handleCallback')).value).toMatchObject({ outcome: 'granted' });
  expect(app.page.url()).toBe(`${app.origin}/cb?mine=a%20b&empty#part=%20two`);
  expect(await app.page.evaluate(() => [history.state, history.length])).toEqual([{ scroll: 12 }, length]);
});

test('C289 the address bar stays as it is where another URL was the callback', async ({ app, server }) => {
  await app.open();
  await app.page.evaluate(() => history.replaceState(null, '', '/app/?code=voucher&state=open'));
  expect((await app.handle(server.approve((await app.start()).url))).value).toMatchObject({ outcome: 'granted' });
  expect(app.page.url()).toBe(`${app.origin}/app/?code=voucher&state=open`);
});

for (const [what, more] of [['an answer', {}], ['an error', { code: undefined, error: 'access_denied' }], ['a forged answer', { state: 'forged' }]] as const) {
  test(`C290 ${what} is out of the address bar before anybody else can look`, async ({ app, server }) => {
    await app.open();
    await app.goto(server.approve((await app.start()).url, more));
    await app.open();
    const seen = await app.page.evaluate(async () => {
      const done = kit.call('main', 'handleCallback');
      const at = location.href;
      await done;
      return [at, location.href, document.title];
    });
    expect(seen).toEqual([`${app.origin}/cb`, `${app.origin}/cb`, 'Test page']);
  });
}

test('C296 state, nonce and verifier are long and never the same', async ({ app }) => {
  await app.open();
  const urls: string[] = await app.page.evaluate(() => Array.from({ length: 200 }, () => kit.clients['main'].authorizeUrl().url));
  for (const name of ['state', 'nonce', 'code_challenge']) {
    const values = urls.map((url) => new URL(url).searchParams.get(name)!);
    expect(values.every((value) => /^[\w-]{43,128}$/.test(value))).toBe(true);
    expect(new Set(values).size).toBe(urls.length);
  }
  expect(urls.every((url) => new URL(url).searchParams.get('code_challenge_method') === 'S256')).toBe(true);
});

test('C296 without a source of randomness there is no request', async ({ app }) => {
  await app.open();
  await app.page.evaluate(() => { crypto.getRandomValues = () => { throw new Error('no entropy'); }; });
  const answer = await app.call('authorizeUrl');
  expect(answer.value).toBeUndefined();
  expectFailure(answer, answer.error!.code);
  expect(await app.records()).toEqual({});
  expectFailure(await app.call('signIn'), answer.error!.code);
  expect(app.page.url()).toBe(`${app.origin}/app/`);
});

test('C297 the verifier and the code are nowhere to be seen', async ({ app, server }) => {
  await app.page.addInitScript(() => {
    const said: unknown[] = ((globalThis as any).said = []);
    const post = BroadcastChannel.prototype.postMessage;
    BroadcastChannel.prototype.postMessage = function (message) { said.push(message); post.call(this, message); };
  });
  await app.goto();
  await app.open();
  const requests: string[] = [];
  app.page.on('request', (request) => requests.push(request.url()));
  const callback = await app.leave();
  await app.open();
  await app.call('handleCallback');
  const { code, code_verifier: verifier } = Object.fromEntries(server.requests()[0]!.form);
  const outside = await app.page.evaluate(() => JSON.stringify([
    location.href, document.title, document.cookie, history.state, (globalThis as any).said, { ...localStorage }, { ...sessionStorage }, kit.clients['main'].session,
  ]));
  const urls = requests.filter((url) => url !== callback && !url.startsWith(`${callback}#`)).join(' ');
  for (const secret of [code!, verifier!]) {
    expect(outside).not.toContain(secret);
    expect(urls).not.toContain(secret);
  }
});
