// django-oauth-toolkit, with a consent page where users untick scopes.
import { expect, testWith } from '../servers/visit.js';
import { landsItself } from '../windows.js';
import { allow, choose } from './people.js';

const SCOPE = 'openid profile offline_access read:notes write:notes';

const test = testWith('django', { scope: SCOPE });
// One installation, and one server.
test.describe.configure({ mode: 'default' });

test('django-oauth-toolkit: part of what was asked, the rest later, a refresh, and the way out', async ({ app, page, issuer }) => {
  await app.leaveBy('signIn');
  await choose(page, 'ada');
  await allow(page, { but: ['write:notes'] });
  const { value, error } = await app.outcome();
  expect(error).toBeUndefined();
  expect(value).toMatchObject({ kind: 'sign-in', outcome: 'partial', granted: ['openid', 'profile', 'offline_access', 'read:notes'], missing: ['write:notes'] });
  expect((await app.session()).claims).toMatchObject({ name: 'Ada Lovelace', iss: issuer });
  expect((await app.call('userInfo')).value).toMatchObject({ name: 'Ada Lovelace' });

  await app.leaveBy('upgrade', 'write:notes');
  await page.getByTestId('deny').click();
  expect((await app.outcome()).value).toMatchObject({ kind: 'upgrade', outcome: 'denied', missing: ['write:notes'] });
  await app.leaveBy('upgrade', 'write:notes');
  await allow(page);
  expect((await app.outcome()).value).toMatchObject({ kind: 'upgrade', outcome: 'granted', missing: [] });

  const { value: before } = await app.call('getAccessToken', { scope: 'write:notes' });
  const { value: after } = await app.call('getAccessToken', { scope: 'write:notes', forceRefresh: true });
  expect([typeof before, typeof after, after === before]).toEqual(['string', 'string', false]);
  expect((await app.call('hasScope', SCOPE)).value).toBe(true);
  expect(await app.userInfoStatus(after!)).toBe(200);

  await app.leaveBy('signOut', { returnTo: '/app/' });
  await page.getByTestId('leave').click();
  await app.expectSignedOut();
  expect(await app.userInfoStatus(after!)).toBe(401);
});

test('django-oauth-toolkit: in a popup, and a refresh token that is dead', async ({ app, page, context, mayLog }) => {
  mayLog(/Failed to load resource/);
  await landsItself(context, app);
  const [popup, signIn] = await app.inPopup('signIn');
  await choose(popup, 'ada');
  await allow(popup);
  expect((await signIn.answer()).value).toMatchObject({ outcome: 'granted' });

  const dead = (await app.sessionRecord())!.grants[0]!.refreshToken!;
  const { revocation_endpoint: revocation } = await (await fetch(new URL('/.well-known/oauth-authorization-server/o', app.issuer))).json();
  expect((await fetch(revocation, { method: 'POST', body: new URLSearchParams({ client_id: 'app', token: dead }) })).status).toBe(200);
  expect((await app.call('getAccessToken', { forceRefresh: true })).error).toMatchObject({ code: 'invalid_grant', status: 400, retryable: false });
  expect(await app.session()).toMatchObject({ signedIn: false });
});

test('django-oauth-toolkit: signing out revokes at the endpoint that only the document of RFC 8414 names', async ({ app, page }) => {
  await app.leaveBy('signIn');
  await choose(page, 'ada');
  await allow(page);
  expect((await app.outcome()).value).toMatchObject({ outcome: 'granted' });
  const { value: token } = await app.call('getAccessToken');
  expect(await app.userInfoStatus(token!)).toBe(200);
  // Before the server asks whether to sign out there, too.
  await app.leaveBy('signOut', { returnTo: '/app/' });
  await expect(page.getByTestId('leave')).toBeVisible();
  expect(await app.userInfoStatus(token!)).toBe(401);
});
