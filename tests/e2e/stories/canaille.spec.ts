// Canaille, with its own pages: users take or refuse all that a client may ask for.
import type { Page } from '@playwright/test';
import type { More } from '../app.js';
import { Visit, expect, testWith } from '../servers/visit.js';
import { landsItself } from '../windows.js';

const SCOPE = 'openid profile offline_access read:notes';

const test = testWith('canaille', { scope: SCOPE });
// One installation, and one server.
test.describe.configure({ mode: 'default' });

async function choose(page: Page): Promise<void> {
  await page.locator('[name=login]').fill('ada');
  await page.locator('[name=answer]').click();
  await page.locator('[name=password]').fill('correct horse');
  await page.getByRole('button', { name: 'Sign in' }).click();
}

const answer = (page: Page, answer: 'accept' | 'deny') => page.locator(`#${answer}`).click();

/** It may go by what the user accepted before. */
const acceptIfAsked = (page: Page) => Promise.race([page.waitForURL((url) => url.pathname === '/cb'), answer(page, 'accept').catch(() => {})]);

test('Canaille: part of what was asked, more later, a refresh, and the way out', async ({ app, page, issuer, mayLog }) => {
  // It lets no public client revoke, and its package lacks fonts of its pages.
  mayLog(/401.*oauth.revoke|404.*\/fonts\//);
  // The server leaves out what this client may not ask for.
  await app.leaveBy('signIn', { scope: `${SCOPE} read:secrets` });
  await choose(page);
  await answer(page, 'accept');
  const { value, error } = await app.outcome();
  expect(error).toBeUndefined();
  expect(value).toMatchObject({ kind: 'sign-in', outcome: 'partial', missing: ['read:secrets'] });
  expect((await app.session()).claims).toMatchObject({ name: 'Ada Lovelace', iss: issuer });
  expect((await app.call('userInfo')).value).toMatchObject({ name: 'Ada Lovelace' });

  await app.leaveBy('upgrade', 'write:notes');
  await answer(page, 'deny');
  expect((await app.outcome()).value).toMatchObject({ kind: 'upgrade', outcome: 'denied', missing: ['write:notes'] });
  await app.leaveBy('upgrade', 'write:notes');
  await answer(page, 'accept');
  expect((await app.outcome()).value).toMatchObject({ kind: 'upgrade', outcome: 'granted', missing: [] });

  const { value: before } = await app.call('getAccessToken', { scope: 'write:notes' });
  const { value: after } = await app.call('getAccessToken', { scope: 'write:notes', forceRefresh: true });
  expect([typeof before, typeof after, after === before]).toEqual(['string', 'string', false]);
  expect((await app.call('hasScope', `${SCOPE} write:notes`)).value).toBe(true);
  expect(await app.userInfoStatus(after!)).toBe(200);

  // It asks nothing on the way.
  await app.signOut();
  await app.expectSignedOut();
});

test('Canaille: silently, in a popup, and a refresh token that is dead', async ({ app, page, context, mayLog }) => {
  mayLog(/Failed to load resource/);
  await landsItself(context, app);
  // It promises `iss` in every response, and leaves it out of this one.
  expect((await app.call('signIn', { mode: 'silent' })).error).toMatchObject({ code: 'issuer_missing' });

  const [popup, signIn] = await app.inPopup('signIn');
  await choose(popup);
  await answer(popup, 'accept');
  expect((await signIn.answer()).value).toMatchObject({ outcome: 'granted' });
  expect((await app.call('signIn', { mode: 'silent' })).value).toMatchObject({ outcome: 'granted' });

  // Used by somebody else, it is good no more.
  const dead = (await app.sessionRecord())!.grants[0]!.refreshToken!;
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: 'app', refresh_token: dead });
  expect((await fetch(`${app.issuer}/oauth/token`, { method: 'POST', body })).status).toBe(200);
  expect((await app.call('getAccessToken', { forceRefresh: true })).error).toMatchObject({ code: 'invalid_grant', status: 400, retryable: false });
  expect(await app.session()).toMatchObject({ signedIn: false });
});

test.describe('a client whose ID tokens name an API', () => {
  test.use({ more: { clientId: 'app-with-api', scope: 'openid profile' } });

  test('Canaille: an ID token is for the API beside the client, where the application trusts it', async ({ app, page, mayLog }) => {
    mayLog(/404.*\/fonts\//);
    await app.leaveBy('signIn');
    await choose(page);
    await acceptIfAsked(page);
    const { error } = await app.outcome();
    expect(error).toMatchObject({ code: 'id_token_invalid', reason: 'aud' });
    expect(error!.message).toContain('trustedAudiences');

    const trusting = new Visit(page, app.origin, app.issuer, { ...app.more, trustedAudiences: ['api'] } as More);
    await (await trusting.goto()).open();
    // What was accepted before is not asked about again.
    await page.evaluate(() => void kit.call('main', 'signIn'));
    expect((await trusting.outcome()).value).toMatchObject({ outcome: 'granted' });
    expect((await trusting.session()).claims).toMatchObject({ aud: ['app-with-api', 'api'] });
  });
});
