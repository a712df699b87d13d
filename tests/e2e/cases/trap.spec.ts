// The module may trap where no call of the application is on the stack: in a timer, an event, a promise.
import { expectFailure } from '../app.js';
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
