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

interface Life {
  readonly isTrapped: boolean;
  readonly entries: number;
  readonly imports: string[];
  readonly step?: string;
  readonly wrongs: string[];
}

/** The life of a client, from its creation to its sign-out, that is to trap somewhere. */
const life = (app: App, storage: string, trapAt?: string | number, refreshes = false): Promise<Life> => app.page.evaluate(async ([storage, trapAt, refreshes]) => {
  const { lifeWithTrap } = await import('/kit/life.mjs' as string);
  return lifeWithTrap(storage, trapAt, refreshes);
}, [storage, trapAt, refreshes] as const);

/** Of the next clients every so-manieth refreshes the token that it found. */
const THOROUGH = 8;
/** A page has room for so many instances and some more: what they listen to keeps those that have trapped. */
const LIVES_PER_PAGE = 24;

async function trapped(app: App, storage: string, number: number, trapAt: string | number): Promise<Life> {
  if (number % LIVES_PER_PAGE === 0) await app.goto('/trapping/');
  return life(app, storage, trapAt, number % THOROUGH === 0);
}

for (const storage of ['local', 'indexeddb'] as const) {
  test(`C304 C310 a trap in the first call of each import: storage ${storage}`, async ({ app }) => {
    await app.goto('/trapping/');
    const { imports, wrongs } = await life(app, storage);
    expect(wrongs).toEqual([]);
    expect(imports.length).toBeGreaterThan(100);
    for (const [at, name] of imports.entries()) expect(await trapped(app, storage, at, name), `import ${name}, ${at}`).toMatchObject({ isTrapped: true, wrongs: [] });
  });

  test(`C305 C309 a trap each time that the module is entered, by a call, a promise or an event: storage ${storage}`, async ({ app }) => {
    await app.goto('/trapping/');
    const steps = new Set<string | undefined>();
    for (let entry = 1; ; entry += 1) {
      const { isTrapped, step, wrongs } = await trapped(app, storage, entry, entry);
      expect(wrongs, `entry ${entry}, ${step}`).toEqual([]);
      if (!isTrapped) break;
      steps.add(step);
    }
    // "after": what was under way had its answer already.
    expect([...steps]).toEqual(['createClient', 'signIn', 'handleCallback', 'getAccessToken', 'fetch', 'upgrade', 'userInfo', 'signOut', 'after']);
  });
}
