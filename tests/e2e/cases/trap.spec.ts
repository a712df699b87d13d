// The module may trap where no call of the application is on the stack: in a timer, an event, a promise.
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';

test('C305 a trap in a timer ends the instance, and rejects what was under way', async ({ app, server }) => {
  await app.goto('/trapping/');
  await app.open({ scope: 'openid read:x' });
  await app.signIn();
  const callback = server.approve((await app.start()).url);
  server.token = () => {};
  const answers = await app.page.evaluate(async (url) => {
    const under = kit.call('main', 'handleCallback', url);
    setTimeout(() => kit.generated.trap(), 50);
    const first = await under;
    // What is left of the instance does nothing any more.
    const again = await new Promise((resolve) => setTimeout(() => resolve(kit.generated.trap())));
    return { first, again, then: await kit.call('main', 'authorizeUrl') };
  }, callback);
  expectFailure(answers.first, 'instance_poisoned', { retryable: true });
  expect(answers.again).toBeUndefined();
  expectFailure(answers.then, 'instance_poisoned');

  await app.as('again').open({ scope: 'openid read:x' });
  expect(await app.as('again').session()).toMatchObject({ signedIn: true, granted: ['openid', 'read:x'] });
});

test('a trap gives back every lock, so that neither the next client nor another tab waits', async ({ app, server, context, bareSite }) => {
  server.refreshes = true;
  const options = { scope: 'openid read:x offline_access', storage: 'local' } as const;
  await app.goto('/trapping/');
  await app.open(options);
  await app.signIn();
  const answer = server.token;
  const sent = new Promise<void>((resolve) => { server.token = () => resolve(); });
  const refresh = app.call('getAccessToken', { forceRefresh: true });
  await sent;
  const held = () => app.page.evaluate(async () => (await navigator.locks.query()).held!.length);
  expect(await held()).toBeGreaterThan(0);
  await app.page.evaluate(() => kit.generated.trap());
  expectFailure(await refresh, 'instance_poisoned');
  await expect.poll(held).toBe(0);
  server.token = answer;
  const other = new App(await context.newPage(), bareSite, server);
  await other.goto();
  await other.open(options);
  await other.call('signOut', { local: true });
  await other.signIn();
  expect((await other.call('getAccessToken', { forceRefresh: true })).value).toMatch(/^access-/);
});
