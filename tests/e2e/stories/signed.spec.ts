// A real provider that signs its answers (JARM, JWT userinfo), and grants authorization details (RFC 9396).
// @ts-ignore: the demo is plain JavaScript
import { start } from '../../../www/server/start.mjs';
import { expect, test, type Demo } from '../fixtures.js';
import { allow, choose } from './people.js';

/** A page of the calendar's, which signs in by popup with what a test wants. */
const signIn = (demo: Demo, clientId: string, options: object, request: object) => ({
  url: `${demo.url}calendar/`,
  run: async ({ issuer, clientId, options, request }: any) => {
    const { createClient } = await import('/pkg/index.js' as string);
    const { resource } = await (await fetch('/config.json')).json();
    const client = await createClient({ clientId, issuer, redirectUri: '/calendar/', storage: 'memory', scope: 'openid profile read:appointments', resource, ...options });
    (globalThis as any).client = client;
    const outcome = await client.signIn({ mode: 'popup', ...request });
    return { outcome, again: await client.upgrade('openid') };
  },
  given: { issuer: demo.issuer, clientId, options, request },
});

test('signing in with a signed response and authorization details', async ({ page, demo, context }) => {
  const detail = { type: 'calendar', actions: ['read'] };
  const { url, run, given } = signIn(demo, 'calendar-app', {}, { responseMode: 'query.jwt', authorizationDetails: [detail] });
  await page.goto(url);
  const answered = context.waitForEvent('request', (request) => request.url().startsWith(`${url}?response=`));
  const opened = page.waitForEvent('popup');
  const told = page.evaluate(run, given);
  const popup = await opened;
  await choose(popup, 'ada');
  await allow(popup);
  const { outcome, again } = await told;
  expect(outcome).toMatchObject({ outcome: 'granted', authorizationDetails: [detail] });
  expect(again.authorizationDetails).toEqual([detail]);
  const jwt = new URL((await answered).url()).searchParams.get('response')!;
  expect(JSON.parse(Buffer.from(jwt.split('.')[1]!, 'base64url').toString())).toMatchObject({ iss: demo.issuer, aud: 'calendar-app' });

  // A no comes signed, too.
  const second = page.waitForEvent('popup');
  const upgraded = page.evaluate(() => (globalThis as any).client.upgrade('write:appointments', { mode: 'popup', responseMode: 'query.jwt' }));
  const asked = await second;
  await asked.getByTestId('deny').click();
  expect(await upgraded).toMatchObject({ outcome: 'denied', missing: ['write:appointments'] });
});

test('a fresh sign-in is one, however long the answer takes', async ({ page, demo }) => {
  const { url, run, given } = signIn(demo, 'calendar-app', {}, { maxAge: 0 });
  await page.goto(url);
  const seconds = () => Math.floor(Date.now() / 1000);
  await page.route(`${demo.issuer}/token`, async (route) => {
    const second = seconds();
    await expect.poll(seconds).toBeGreaterThan(second);
    await route.continue();
  });
  const opened = page.waitForEvent('popup');
  const told = page.evaluate(run, given);
  const popup = await opened;
  await choose(popup, 'ada');
  await allow(popup);
  expect((await told).outcome).toMatchObject({ outcome: 'granted' });
  const claims = await page.evaluate(() => (globalThis as any).client.session.claims);
  expect(claims.auth_time).toBeLessThan(claims.iat);
});

test('claims from a userinfo endpoint that signs them', async ({ page }) => {
  const signing = (origin: string) => ({
    client_id: 'signed-app', client_name: 'Signed', redirect_uris: [`${origin}/calendar/`], grant_types: ['authorization_code'], response_types: ['code'],
    token_endpoint_auth_method: 'none', userinfo_signed_response_alg: 'RS256',
  });
  const demo: Demo & { close(): Promise<void> } = await start({ port: 0, authPort: 0, clients: (origin: string) => [signing(origin)] });
  try {
    const { url, run, given } = signIn(demo, 'signed-app', { verifySignature: true, scope: 'openid profile', resource: undefined }, {});
    await page.goto(url);
    const opened = page.waitForEvent('popup');
    const told = page.evaluate(run, given);
    const popup = await opened;
    await choose(popup, 'ada');
    await allow(popup);
    await told;
    const answer = page.waitForResponse(`${demo.issuer}/me`);
    const claims = await page.evaluate(() => (globalThis as any).client.userInfo());
    expect((await answer).headers()['content-type']).toContain('application/jwt');
    expect(claims).toMatchObject({ iss: demo.issuer, aud: 'signed-app', name: expect.any(String) });
  } finally {
    await demo.close();
  }
});
