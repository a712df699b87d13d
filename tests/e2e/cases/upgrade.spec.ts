// More scopes for a session that is there: what changes it, and above all what does not.
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { withoutDenied } from '../records.js';

async function signedIn(app: App): Promise<string> {
  app.server.answer = { refresh_token: 'refresh-1' };
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  app.server.answer = {};
  return (await app.sessionText())!;
}

test('C165 a no to an upgrade is an outcome, and the session stays to the letter, but for the no', async ({ app, server }) => {
  const before = await signedIn(app);
  const answer = await app.upgrade('write:x', (url) => server.reply(url, { error: 'access_denied' }));
  expect(answer.value).toMatchObject({ kind: 'upgrade', outcome: 'denied', granted: ['openid', 'read:x'], missing: ['write:x'] });
  const after = await app.sessionText();
  expect(withoutDenied(after)).toBe(withoutDenied(before));
  expect((await app.sessionRecord())?.denied).toEqual([{ resource: [], scopes: ['write:x'] }]);
  expect((await app.call('getAccessToken', { scope: 'read:x' })).value).toBe('access-1');
  expect((await app.call('scopeStatus', 'write:x')).value).toBe('denied');
  expect(server.requests()).toHaveLength(1);
  await app.goto();
  await app.open({ scope: 'openid read:x' });
  expect((await app.call('scopeStatus', 'write:x')).value).toBe('denied');
  expect((await app.upgrade('write:x')).value).toMatchObject({ outcome: 'granted' });
  expect((await app.call('scopeStatus', 'write:x')).value).toBe('granted');
});

test('C166 another user comes back: the session stays, and their tokens are given up', async ({ app, server }) => {
  const before = await signedIn(app);
  server.sub = 'grace';
  server.answer = { access_token: 'token-of-grace', refresh_token: 'renewal-of-grace' };
  expectFailure(await app.upgrade('write:x'), 'subject_mismatch');
  expect(await app.sessionText()).toBe(before);
  expect((await app.session()).claims).toMatchObject({ sub: 'ada' });
  expect((await app.call('getAccessToken')).value).toBe('access-1');
  await expect.poll(() => server.requests('/revoke').map(({ form }) => Object.fromEntries(form))).toEqual([
    expect.objectContaining({ client_id: 'app', token: 'renewal-of-grace' }),
  ]);
  server.answer = { access_token: 'token-of-grace' };
  expectFailure(await app.upgrade('write:x'), 'subject_mismatch');
  await expect.poll(() => server.requests('/revoke').map(({ form }) => form.get('token'))).toEqual(['renewal-of-grace', 'token-of-grace']);
  expect(await app.sessionText()).toBe(before);
});

test('C166 a session with a user takes no answer without one', async ({ app, server }) => {
  const before = await signedIn(app);
  server.answer = { id_token: undefined, scope: 'read:x write:x' };
  expectFailure(await app.upgrade('write:x'), 'id_token_invalid', { reason: 'malformed' });
  expect(await app.sessionText()).toBe(before);
});

test('C169 without openid there is nobody to compare: the upgrade is taken as it is', async ({ app }) => {
  await app.open({ scope: 'read:x' });
  await app.signIn();
  expect(await app.session()).toMatchObject({ signedIn: true, claims: null, granted: ['read:x'] });
  const url = await app.ask('upgrade', 'write:x');
  expect(new URL(url).searchParams.get('scope')).toBe('read:x write:x');
  expect((await app.handle(app.server.approve(url))).value).toMatchObject({ outcome: 'granted', granted: ['read:x', 'write:x'] });
  expect((await app.call('hasScope', 'read:x write:x')).value).toBe(true);
});

test('C170 an upgrade may bring some of what was asked, and asks no further', async ({ app, server }) => {
  await signedIn(app);
  server.answer = { scope: 'openid read:x write:x' };
  const answer = await app.upgrade(['write:x', 'admin']);
  expect(answer.value).toMatchObject({ outcome: 'partial', granted: ['openid', 'read:x', 'write:x'], missing: ['admin'] });
  expect((await app.call('getAccessToken', { scope: 'read:x write:x' })).value).toBe('access-2');
  expect((await app.call('scopeStatus', 'admin')).value).toBe('denied');
  expect(app.page.url()).toBe(`${app.origin}/app/`);
});

test('C172 a scope that was unticked is gone, and listeners hear of it', async ({ app, server }) => {
  await signedIn(app);
  await app.page.evaluate(() => {
    const heard: string[][] = ((globalThis as any).heard = []);
    const client = kit.clients['main'];
    client.subscribe(() => heard.push(client.session.granted));
  });
  server.answer = { scope: 'openid write:x' };
  expect((await app.upgrade('write:x')).value).toMatchObject({ outcome: 'partial', granted: ['openid', 'write:x'], missing: ['read:x'] });
  expect(await app.session()).toMatchObject({ granted: ['openid', 'write:x'], denied: ['read:x'] });
  expect((await app.call('hasScope', 'read:x')).value).toBe(false);
  expect(await app.page.evaluate(() => (globalThis as any).heard)).toEqual([['openid', 'write:x']]);
});

test('C173 an upgrade is stored in one write, and the old refresh token is left alone', async ({ app, server }) => {
  await signedIn(app);
  await app.page.evaluate(() => {
    const writes: string[] = ((globalThis as any).writes = []);
    const setItem = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, text) { writes.push(key.replace(/.*:/, '')); setItem.call(this, key, text); };
  });
  const url = await app.ask('upgrade', 'write:x');
  await app.page.evaluate(() => { (globalThis as any).writes.length = 0; });
  server.answer = { refresh_token: 'refresh-2' };
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'granted' });
  const writes: string[] = await app.page.evaluate(() => (globalThis as any).writes);
  expect(writes.filter((name) => name === 'session')).toHaveLength(1);
  const record = (await app.sessionText())!;
  expect(record).toContain('refresh-2');
  expect(record).not.toContain('refresh-1');
  expect(server.requests('/revoke')).toEqual([]);
});

test('C174 the upgrade’s tokens cannot be stored: the old session is still there', async ({ app, server }) => {
  const before = await signedIn(app);
  const url = await app.ask('upgrade', 'write:x');
  await app.page.evaluate(() => {
    const setItem = Storage.prototype.setItem;
    Storage.prototype.setItem = function (key, text) {
      if (key.endsWith(':session')) throw new DOMException('full', 'QuotaExceededError');
      setItem.call(this, key, text);
    };
  });
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'granted' });
  expect(await app.session()).toMatchObject({ persisted: false, granted: ['openid', 'read:x', 'write:x'] });
  expect(await app.sessionText()).toBe(before);
  await app.goto();
  await app.open({ scope: 'openid read:x' });
  expect(await app.session()).toMatchObject({ signedIn: true, persisted: true, granted: ['openid', 'read:x'] });
  expect((await app.call('getAccessToken')).value).toBe('access-1');
});

test('an upgrade that fails on the way leaves the session to the letter', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource/);
  const before = await signedIn(app);
  server.token = ({ json }) => json({ error: 'invalid_grant' }, 400);
  expectFailure(await app.upgrade('write:x'), 'invalid_grant');
  server.token = ({ response }) => void response.destroy();
  expectFailure(await app.upgrade('write:x'), 'token_response_lost');
  server.token = ({ json, tokens }) => json(tokens);
  server.claims = { iss: 'https://evil.example' };
  expectFailure(await app.upgrade('write:x'), 'id_token_invalid', { reason: 'iss' });
  expectFailure(await app.upgrade('write:x', (url) => server.reply(url, { error: 'server_error' })), 'server_error');
  expectFailure(await app.upgrade('write:x', (url) => server.approve(url, { iss: 'https://evil.example' })), 'issuer_mismatch');
  expect(await app.sessionText()).toBe(before);
  expect((await app.session()).granted).toEqual(['openid', 'read:x']);
});

test('an upgrade needs a session, and asks nothing where nothing is missing', async ({ app, server }) => {
  await app.open();
  expectFailure(await app.call('upgrade', 'read:x'), 'not_signed_in');
  await signedIn(app);
  const { value } = await app.call('upgrade', ['read:x'], { appState: 5, returnTo: '/inbox' });
  expect(value).toMatchObject({ kind: 'upgrade', outcome: 'granted', missing: [], appState: 5, returnTo: '/inbox' });
  expectFailure(await app.call('upgrade', []), 'invalid_scope_syntax');
  expect(server.requests()).toHaveLength(1);
});

test('a step-up always asks, and takes no less than it asked for', async ({ app, server }) => {
  const before = await signedIn(app);
  const url = await app.ask('upgrade', [], { acrValues: 'gold', maxAge: 60 });
  expect(Object.fromEntries(new URL(url).searchParams)).toMatchObject({ acr_values: 'gold', max_age: '60', scope: 'openid read:x' });
  const now = Math.floor(Date.now() / 1000);
  server.claims = { acr: 'silver', auth_time: now };
  expectFailure(await app.handle(server.approve(url)), 'insufficient_user_authentication', { acrValues: 'gold', maxAge: 60 });
  server.claims = { acr: 'gold', auth_time: now - 1000 };
  const again = await app.ask('upgrade', [], { acrValues: 'gold', maxAge: 60 });
  expectFailure(await app.handle(server.approve(again)), 'insufficient_user_authentication');
  expect(await app.sessionText()).toBe(before);
  server.claims = { acr: 'gold', auth_time: now };
  const third = await app.ask('upgrade', [], { acrValues: 'gold', maxAge: 60 });
  expect((await app.handle(server.approve(third))).value).toMatchObject({ outcome: 'granted' });
  expect((await app.session()).claims).toMatchObject({ acr: 'gold' });
});
