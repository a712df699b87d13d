// Several tabs of one browser, and sessions whose tokens can be renewed.
import { App, type More } from './app.js';
import { expect } from './fixtures.js';
import { noteTimers, waits } from './timers.js';

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

/** From now on the server keeps its answers to token requests, until what this returns is called. */
export function hold(app: App): () => void {
  const { token } = app.server;
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  app.server.token = (exchange) => released.then(() => token(exchange));
  return release;
}

/** From now on no time passes in this page, however long calls take. */
export async function stopClock(app: App): Promise<void> {
  await app.page.evaluate(() => {
    const [date, own] = [Date.now(), performance.now()];
    Date.now = () => date;
    performance.now = () => own;
  });
}

/** Puts the device's clock forward or back, as seen by this page. */
export async function setClock(app: App, seconds: number): Promise<void> {
  await app.page.evaluate((seconds) => {
    const now: () => number = ((globalThis as any).realNow ??= Date.now);
    Date.now = () => now() + seconds * 1000;
  }, seconds);
}

/** From now on a tab counts the changes of its session. */
export async function attend(app: App): Promise<void> {
  await app.page.evaluate(noteTimers);
  await app.page.evaluate((name) => {
    (globalThis as any).changes = 0;
    kit.clients[name].subscribe(() => ((globalThis as any).changes += 1));
  }, app.name);
}

/** Does something; a tab that attends is told, without a timer that it looks by. */
export async function shows(other: App, work: () => Promise<unknown>, session: Record<string, unknown>): Promise<void> {
  const changes = (): Promise<number> => other.page.evaluate(() => (globalThis as any).changes);
  const before = await changes();
  await work();
  await expect.poll(() => other.session()).toMatchObject(session);
  expect(await changes()).toBeGreaterThan(before);
  expect(await waits(other)).toEqual([]);
}
