// Several tabs of one browser, and sessions whose tokens can be renewed.
import { App, type More } from './app.js';
import { expect } from './fixtures.js';

/** A session whose access token lasts so many seconds, and can be renewed. */
export async function renewable(app: App, seconds: number, more: More = {}): Promise<void> {
  app.server.refreshes = true;
  app.server.answer = { expires_in: seconds };
  await app.open({ scope: 'openid read:x offline_access', ...more });
  await app.signIn();
}

/** Another tab with the same client. */
export async function tab(app: App, more: More = {}): Promise<App> {
  const other = await new App(await app.page.context().newPage(), app.origin, app.server).goto();
  return other.open({ scope: 'openid read:x offline_access', ...more });
}

export const refreshes = (app: App) => app.server.requests().filter(({ form }) => form.get('grant_type') === 'refresh_token');

export const token = async (app: App, options = {}) => (await app.call('getAccessToken', options)).value;

/** Until a token that lasts a second has run out, and is not new any more. */
export const pass = (app: App) => app.page.waitForTimeout(2_200);

/** From now on the server answers token requests that much later. */
export function delay(app: App, milliseconds: number): void {
  const { token } = app.server;
  app.server.token = (exchange) => new Promise((resolve) => setTimeout(() => resolve(token(exchange)), milliseconds));
}

/** Notes the times at which a tab's session changes. */
export const attend = (app: App) => app.page.evaluate((name) => {
  const changes: number[] = ((globalThis as any).changes = []);
  kit.clients[name].subscribe(() => changes.push(Date.now()));
}, app.name);

/** Does something; a tab that attends shows it within a second. */
export async function shows(other: App, work: () => Promise<unknown>, session: object): Promise<void> {
  await work();
  const done = Date.now();
  await expect.poll(() => other.session()).toMatchObject(session);
  const changes: number[] = await other.page.evaluate(() => (globalThis as any).changes);
  expect(changes.at(-1)! - done).toBeLessThan(1000);
}
