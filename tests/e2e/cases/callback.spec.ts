// Whose answer is it, and how often is it used?
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { setCreatedAt } from '../records.js';

test('C001 an answer without state is nobody’s, and the request stays', async ({ app, server }) => {
  await app.open();
  const { url, state } = await app.start();
  expectFailure(await app.handle(server.approve(url, { state: undefined })), 'state_missing');
  expect(await app.transactionRecord(state)).toMatchObject({ status: 'pending' });
  expect(server.received).toEqual([]);
});

test('C002 a state that was never sent is refused, and the real answer still counts', async ({ app, server }) => {
  await app.open();
  const { url, state } = await app.start();
  expectFailure(await app.handle(server.approve(url, { state: 'somebody-elses' })), 'transaction_missing');
  expect(server.received).toEqual([]);
  expect(await app.transactionRecord(state)).toMatchObject({ status: 'pending' });
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'granted' });
});

test('C005 same callback handled twice, one after the other', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start({ appState: { page: 7 } });
  const callback = server.approve(url);
  const first = await app.handle(callback);
  expect(first.value).toMatchObject({ kind: 'sign-in', outcome: 'granted', appState: { page: 7 } });
  expect(await app.handle(callback)).toEqual(first);
  expect(server.requests()).toHaveLength(1);
  await app.call('signOut', { local: true });
  expectFailure(await app.handle(callback), 'callback_consumed');
  expect(server.requests()).toHaveLength(1);
});

test('C006 same callback handled twice at once', async ({ app, server }) => {
  await app.open();
  const callback = server.approve((await app.start()).url);
  const answers = await app.page.evaluate((url) => Promise.all([
    kit.call('main', 'handleCallback', url), kit.call('main', 'handleCallback', url),
  ]), callback);
  expect(answers[0].value).toMatchObject({ outcome: 'granted' });
  expect(answers[1]).toEqual(answers[0]);
  expect(server.requests()).toHaveLength(1);
});

test('C006 the page’s own answer handled twice at once, and by two clients, as by effects that run twice', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start({ appState: { page: 7 } });
  await app.page.goto(server.approve(url));
  await app.open();
  const other = await app.as('other').open();
  const answers = await app.page.evaluate(() => Promise.all([kit.call('main', 'handleCallback'), kit.call('main', 'handleCallback'), kit.call('other', 'handleCallback')]));
  expect(answers[0].value).toMatchObject({ outcome: 'granted', appState: { page: 7 } });
  expect(answers[1]).toEqual(answers[0]);
  expect(answers[2]).toEqual(answers[0]);
  expect((await other.session()).signedIn).toBe(true);
  expect(server.requests()).toHaveLength(1);
  expect((await app.call('handleCallback')).value).toBeNull();
  // A failure is told to all as well.
  await app.page.goto(server.approve((await app.start()).url, { state: 'somebody-elses' }));
  await app.open();
  const failures = await app.page.evaluate(() => Promise.all([kit.call('main', 'handleCallback'), kit.call('main', 'handleCallback')]));
  for (const failure of failures) expectFailure(failure, 'transaction_missing');
});

test('C006 same callback handled at once by two clients', async ({ app, server }) => {
  const other = await app.as('other').open();
  await app.open();
  const callback = server.approve((await app.start()).url);
  const answers = await app.page.evaluate((url) => Promise.all([
    kit.call('main', 'handleCallback', url), kit.call('other', 'handleCallback', url),
  ]), callback);
  expect(answers[0].value).toMatchObject({ outcome: 'granted' });
  expect(answers[1]).toEqual(answers[0]);
  expect(server.requests()).toHaveLength(1);
  expect(await other.session()).toEqual(await app.session());
  expect((await other.session()).signedIn).toBe(true);
});

test('C012 a callback opened in another tab is not its business', async ({ app, server, context }) => {
  await app.open();
  const callback = server.approve((await app.start()).url);
  const elsewhere = await new App(await context.newPage(), app.origin, server).goto();
  await elsewhere.open();
  expectFailure(await elsewhere.handle(callback), 'transaction_missing');
  expect(server.received).toEqual([]);
  expect((await app.handle(callback)).value).toMatchObject({ outcome: 'granted' });
});

for (const storage of ['session', 'local'] as const) {
  test(`C013 two tabs sign in at once (${storage} storage)`, async ({ app, server, context }) => {
    const second = await new App(await context.newPage(), app.origin, server).goto();
    await app.open({ storage });
    await second.open({ storage });
    const [one, two] = [await app.start({ appState: 1 }), await second.start({ appState: 2 })];
    const [toTwo, toOne] = [server.approve(two.url), server.approve(one.url)];
    expect((await second.handle(toTwo)).value).toMatchObject({ outcome: 'granted', appState: 2 });
    expect((await app.handle(toOne)).value).toMatchObject({ outcome: 'granted', appState: 1 });
    expect(server.requests()).toHaveLength(2);
  });
}

test('C014 two sign-ins from one tab do not get in each other’s way', async ({ app, server }) => {
  await app.open();
  const [first, second] = [await app.start({ appState: 'first' }), await app.start({ appState: 'second' })];
  expect((await app.handle(server.approve(first.url))).value).toMatchObject({ outcome: 'granted', appState: 'first' });
  expect((await app.handle(server.approve(second.url))).value).toMatchObject({ outcome: 'granted', appState: 'second' });
});

test('C016 an answer after more than an hour is too late', async ({ app, server }) => {
  await app.open();
  const { url, state } = await app.start();
  const now = Math.floor(Date.now() / 1000);
  await setCreatedAt(app.page, state, now - 3500);
  const { url: older, state: old } = await app.start();
  await setCreatedAt(app.page, old, now - 3700);
  expectFailure(await app.handle(server.approve(older)), 'transaction_expired');
  expect(await app.transactionRecord(old)).toBeUndefined();
  expect(server.received).toEqual([]);
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'granted' });
});

test('C018 an error and a code at once make no sense', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  expectFailure(await app.handle(server.approve(url, { error: 'access_denied' })), 'response_malformed');
  expect(server.received).toEqual([]);
});

test('C020 what the server says about an error is data, cut and cleaned', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start({ appState: 'draft' });
  const description = `<script>alert(1)</script>\u202e\u0007${'x '.repeat(5_000)}`;
  const answer = await app.handle(server.reply(url, { error: 'server_error', error_description: description, error_uri: 'javascript:alert(1)' }));
  expectFailure(answer, 'server_error', { appState: 'draft', retryable: true });
  const said = answer.error!['description'] as string;
  expect(said).toContain('<script>alert(1)</script>');
  expect(said.length).toBeLessThanOrEqual(1000);
  expect(said).not.toMatch(/[\u202e\u0007]/);
  expect(answer.error!.message).not.toContain('alert');
  expect(answer.error!['errorUri']).toBeUndefined();
});

test('C046 another client on the origin leaves the answer alone', async ({ app, server }) => {
  await app.open();
  const other = await app.as('other').open({ clientId: 'app2' });
  const callback = server.approve((await app.start()).url);
  expectFailure(await other.handle(callback), 'transaction_missing');
  expect(server.received).toEqual([]);
  expect((await app.handle(callback)).value).toMatchObject({ outcome: 'granted' });
  expect((await other.session()).signedIn).toBe(false);
});

test('C048 a deployment in between changes the settings: the request’s own count', async ({ app, server }) => {
  await app.open({ redirectUri: '/cb?version=1' });
  const { url } = await app.start();
  const callback = server.approve(url).replace('/cb?version=1?', '/cb?version=1&');
  await app.goto();
  const otherIssuer = { ...server.metadata, issuer: `${server.issuer}/tenant` };
  await app.as('tenant').open({ metadata: otherIssuer as never });
  expectFailure(await app.as('tenant').handle(callback), 'transaction_missing');
  expect(server.received).toEqual([]);
  await app.as('new').open({ redirectUri: '/elsewhere?version=2' });
  expect((await app.as('new').handle(callback)).value).toMatchObject({ outcome: 'granted' });
  expect(server.requests()[0]!.form.get('redirect_uri')).toBe(`${app.origin}/cb?version=1`);
});

test('C050 a stranger’s callback signs nobody in, and changes no session', async ({ app, server }) => {
  await app.open();
  const stranger = server.reply((await app.start()).url, { code: 'code-of-a-stranger', state: 'state-of-a-stranger' });
  expectFailure(await app.handle(stranger), 'transaction_missing');
  expect((await app.session()).signedIn).toBe(false);
  await app.signIn();
  const before = await app.records();
  expectFailure(await app.handle(stranger), 'transaction_missing');
  expect(await app.records()).toEqual(before);
  expect(server.requests()).toHaveLength(1);
});

test('C052 a request that lost its state or nonce on the way comes to nothing', async ({ app, server }) => {
  await app.open();
  const without = (url: string, name: string) => {
    const stripped = new URL(url);
    stripped.searchParams.delete(name);
    return stripped.href;
  };
  expectFailure(await app.handle(server.approve(without((await app.start()).url, 'state'))), 'state_missing');
  expect(server.received).toEqual([]);
  expectFailure(await app.handle(server.approve(without((await app.start()).url, 'nonce'))), 'id_token_invalid', { reason: 'nonce' });
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.sessionText()).toBeUndefined();
});

test('C278 back from signing out, with whatever state: no answer, no error, and a clean address', async ({ app }) => {
  await app.open();
  await app.signIn();
  const before = await app.sessionText();
  for (const path of ['/app/?state=signout.of-another-time&x=1', '/cb?x=1&state=signout.']) {
    await app.goto(path);
    await app.open();
    expect((await app.call('handleCallback')).value).toBeNull();
    expect(app.page.url()).toMatch(/\/(app\/|cb)\?x=1$/);
    expect(await app.sessionText()).toBe(before);
  }
});
