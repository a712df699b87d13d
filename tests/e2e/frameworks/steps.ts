// What users see with every adapter, whatever it is made with.
import type { Expected } from '../fixtures.js';
import { expect, type Made } from './page.js';

/** Signs in, gets a token, calls an API, and signs out. */
export async function signsInAndOut(app: Made, mayShow: Expected): Promise<void> {
  await expect(app.at('status')).toHaveText('signed-out');
  await expect(app.at('name')).toHaveText('nobody');
  await app.signIn();
  await expect(app.at('name')).toHaveText('ada');
  mayShow(/access-1/);
  await app.at('token').click();
  await expect(app.at('called')).toHaveText('access-1');
  await app.at('call').click();
  await expect(app.at('called')).toHaveText('called with Bearer access-1');
  await app.at('sign-out').click();
  await expect(app.at('status')).toHaveText('signed-out');
}

/** Asks for a scope that was never asked for, and grants it in the popup. */
export async function grantsAScope(app: Made): Promise<void> {
  await expect(app.at('granted')).toHaveText('false');
  await expect(app.at('told')).toHaveText('not-requested: Create appointments');
  await app.at('ask').click();
  await expect(app.dialog).toContainText('to save what you enter');
  await expect(app.at('pending')).toHaveText('true');
  await app.dialog.getByRole('button', { name: 'Continue' }).click();
  await expect(app.at('granted')).toHaveText('true');
  await expect(app.at('secret')).toBeVisible();
  await expect(app.at('answer')).toHaveText('true');
  await expect(app.at('pending')).toHaveText('false');
  expect(app.asked()).toEqual(['openid read:x', 'openid read:x write:x']);
}

/** Asks for a scope, and the user says no. */
export async function refusesAScope(app: Made): Promise<void> {
  const { server } = app;
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  await app.at('ask-at-once').click();
  await expect(app.at('answer')).toHaveText('false');
  await expect(app.at('scope-status')).toHaveText('denied');
  await expect(app.at('scope-error')).toHaveText('none');
  await expect(app.at('status')).toHaveText('signed-in');
}
