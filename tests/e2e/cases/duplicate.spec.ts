// A tab that was duplicated has a copy of the session, and with it of the refresh token that can be used once.
import { test } from '../api.js';
import { App, expectFailure } from '../app.js';
import { expect } from '../fixtures.js';

const OPTIONS = { scope: 'openid read:x offline_access' };

/** A page that begins with what this one has in sessionStorage, as a duplicated tab does. */
async function copied(app: App): Promise<App> {
  const [page] = await Promise.all([app.page.waitForEvent('popup'), app.page.evaluate(() => void window.open('/app/'))]);
  await page.waitForFunction(() => 'kit' in globalThis);
  return new App(page, app.origin, app.server).open(OPTIONS);
}

async function twins(app: App): Promise<App> {
  app.server.refreshes = true;
  await app.open(OPTIONS);
  await app.signIn();
  await app.page.goto(`${app.origin}/app/`);
  await app.open(OPTIONS);
  const twin = await copied(app);
  expect((await twin.session()).signedIn).toBe(true);
  return twin;
}

const force = async (app: App) => (await app.call('getAccessToken', { forceRefresh: true })).value;

test('C214 each of two copies asks in turn: no refresh token is sent twice, and both stay signed in', async ({ app, server }) => {
  const twin = await twins(app);
  const latest = () => `access-${server.requests().length}`;
  // A copy that had not heard of the last one takes that; it is new to it.
  for (const one of [app, twin, twin, app]) expect(await force(one)).toBe(latest());
  expect(await Promise.all([force(app), force(twin)])).toContain(latest());
  const sent = server.requests().map(({ form }) => form.get('refresh_token')).filter(Boolean);
  expect(sent.length).toBeGreaterThan(2);
  expect(sent).toEqual(sent.map((_, index) => `refresh-${index + 1}`));
  for (const one of [app, twin]) await expect.poll(async () => (await one.call('getAccessToken')).value).toBe(latest());
});

test('C214 a copy whose session is another’s by now takes nothing from the first', async ({ app, server }) => {
  const twin = await twins(app);
  server.sub = 'grace';
  await twin.signIn();
  expect(await twin.session()).toMatchObject({ claims: { sub: 'grace' } });
  await force(app);
  expect(await app.session()).toMatchObject({ claims: { sub: 'ada' } });
  expect(await twin.session()).toMatchObject({ claims: { sub: 'grace' } });
});

test('C009 of two copies that have the same answer one sends its code, whether they begin at once or not', async ({ app, server }) => {
  server.refreshes = true;
  await app.open(OPTIONS);
  const [first, second] = [await app.start(), await app.start()].map(({ url }) => server.approve(url));
  const twin = await copied(app);
  expect((await app.handle(first!)).value).toMatchObject({ outcome: 'granted' });
  expectFailure(await twin.handle(first!), 'callback_consumed');
  const answers = await Promise.all([app.handle(second!), twin.handle(second!)]);
  expect(answers.map(({ error }) => error?.code).sort()).toEqual(['callback_consumed', undefined]);
  expect(server.requests().length).toBe(2);
});
