// A page that is not what it was: clocks that jump, storage that others clear, prototypes that others change.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { damageSession, olderRecord, setCreatedAt } from '../records.js';

test('C017 a clock that jumps back between question and answer', async ({ app, server }) => {
  await app.open();
  const now = Math.floor(Date.now() / 1000);
  const soon = await app.start();
  await setCreatedAt(app.page, soon.state, now + 600);
  expect((await app.handle(server.approve(soon.url))).value).toMatchObject({ outcome: 'granted' });
  const tomorrow = await app.start();
  await setCreatedAt(app.page, tomorrow.state, now + 86_400);
  expectFailure(await app.handle(server.approve(tomorrow.url)), 'transaction_expired');
  expect(server.requests()).toHaveLength(1);
});

test('C077 a token of unknown lifetime is usable, and says that it is unknown', async ({ app, server }) => {
  server.answer = { expires_in: undefined };
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  expect(await app.session()).toMatchObject({ signedIn: true, expiresAt: null });
  expect((await app.call('getAccessToken', { minValidity: 86_400 })).value).toBe('access-1');
  await app.goto();
  await app.open({ scope: 'openid read:x' });
  expect((await app.session()).expiresAt).toBeNull();
  expect((await app.call('hasScope', 'read:x')).value).toBe(true);
});

test('C204 the record of an earlier version is not misread', async ({ app }) => {
  await app.open();
  await app.signIn();
  await damageSession(app.page, olderRecord);
  await app.goto();
  await app.open();
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.sessionText()).toBeUndefined();
});

test('C208 storage that others clear takes no request or session down with an error', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  await app.page.evaluate(() => sessionStorage.clear());
  expectFailure(await app.handle(server.approve(url)), 'transaction_missing');
  await app.signIn();
  await app.page.evaluate(() => sessionStorage.clear());
  await app.goto();
  await app.open();
  expect((await app.session()).signedIn).toBe(false);
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
});

test('C284 signing out twice, and while a sign-in is under way', async ({ app, server }) => {
  await app.open();
  await app.signIn();
  const answers = await app.page.evaluate(() => Promise.all([kit.call('main', 'signOut', { local: true }), kit.call('main', 'signOut', { local: true })]));
  expect(answers).toEqual([{}, {}]);
  expect((await app.session()).signedIn).toBe(false);
  await app.signIn();
  expect((await app.session()).signedIn).toBe(true);
  expect(server.requests()).toHaveLength(2);
});

test('C292 a whole session writes nothing to the console', async ({ app }) => {
  const lines: string[] = [];
  app.page.on('console', (message) => void lines.push(message.text()));
  await app.open();
  await app.leave();
  await app.open();
  await app.call('handleCallback');
  await app.call('getAccessToken');
  await app.upgrade('write:x');
  await app.call('signOut', { local: true });
  expect(lines).toEqual([]);
});

test('C313 members that somebody added to every object are not options, and not answers', async ({ app, server, page }) => {
  await page.addInitScript(() => {
    const added = { token: 'x', scope: 'admin', state: 'x', prompt: 'none', returnTo: '//evil.example', code: 'x', error: 'x', retryable: 'x', audience: 'https://evil.example', signal: 1, popup: null };
    for (const [name, value] of Object.entries(added)) Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  });
  await app.goto();
  await app.open({ scope: 'openid read:x' });
  const { url } = await app.start();
  const query = new URL(url).searchParams;
  expect(query.get('scope')).toBe('openid read:x');
  expect(query.has('audience')).toBe(false);
  expect(query.has('prompt')).toBe(false);
  const answer = await app.handle(server.approve(url));
  expect(answer.value).toMatchObject({ outcome: 'granted', granted: ['openid', 'read:x'], returnTo: '/app/' });
  expect((await app.call('hasScope', 'admin')).value).toBe(false);
  expect((await app.call('upgrade', 'read:x')).value).toMatchObject({ outcome: 'granted', missing: [] });
  expect(new URL(await app.ask('upgrade', 'write:x')).searchParams.get('scope')).toBe('openid read:x write:x');
});

test('C313 a toJSON that somebody added to every object or array changes nothing of what is kept', async ({ app, page }) => {
  await page.addInitScript(() => {
    for (const prototype of [Object.prototype, Array.prototype, String.prototype]) Object.defineProperty(prototype, 'toJSON', { value: () => 'x', configurable: true, writable: true });
  });
  await app.goto();
  await app.open({ scope: 'openid read:x' });
  expect(await app.signIn()).toMatchObject({ outcome: 'granted', granted: ['openid', 'read:x'] });
  await app.goto();
  await app.open({ scope: 'openid read:x' });
  expect(await app.session()).toMatchObject({ signedIn: true, granted: ['openid', 'read:x'], claims: { sub: 'ada' } });
});

test('what leaves the client is made of own members, and no setter of Object.prototype gets any', async ({ app, server, page }) => {
  server.claims = { address: { locality: 'London' }, constructor: 'claimed' };
  await page.addInitScript(() => {
    const taken: unknown[] = ((globalThis as any).taken = []);
    for (const name of ['sub', 'email', 'admin', 'description', 'status', 'missing', 'granted', 'outcome', 'locality', 'url', 'accessToken', 'signedIn']) {
      Object.defineProperty(Object.prototype, name, { configurable: true, get: () => 'root', set: (value) => void taken.push(value) });
    }
  });
  await app.goto();
  await app.open({ scope: 'openid read:x' });
  const callback = server.approve((await app.start()).url);
  const seen = await page.evaluate(async (url) => {
    const client = kit.clients['main'];
    const names = (value: object) => Object.getOwnPropertyNames(value);
    const outcome = await client.handleCallback(url);
    const { claims } = client.session;
    const own = [names(outcome), names(client.scopeReport())];
    const userInfo = await client.userInfo();
    const values = [claims.sub, claims.admin, claims.email, claims.address.locality, claims.address.admin, claims.constructor, userInfo.sub, userInfo.admin, client.session.signedIn, await client.getAccessToken()];
    const error = await client.getAccessToken({ scope: 'write:x' }).catch((error: any) => [error.code, error.missing, error.description, error.status]);
    await client.signOut({ local: true });
    return { own, values, error, after: [client.session.claims, client.session.signedIn], taken: (globalThis as any).taken };
  }, callback);
  expect(seen.own[0]!.sort()).toEqual(['appState', 'granted', 'kind', 'missing', 'outcome', 'requested', 'returnTo']);
  expect(seen.own[1]!.sort()).toEqual(['denied', 'granted', 'requested', 'unrequested', 'unused', 'used']);
  expect(seen.values).toEqual(['ada', undefined, undefined, 'London', undefined, 'claimed', 'ada', undefined, true, 'access-1']);
  expect(seen.error).toEqual(['missing_scope', ['write:x'], undefined, undefined]);
  expect(seen.after).toEqual([null, false]);
  expect(JSON.stringify(seen.taken)).not.toMatch(/ada|access-1|London/);
});
