// <scopewise-inspector>: what it says of a client, and to whom.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from '@playwright/test';
import type { ScopewiseInspector } from '../../../pkg/inspector.js';
import { expect, test } from '../fixtures.js';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SCOPES = { 'write:x': { title: 'Create appointments', why: 'to save what you enter' }, 'pay:x': { title: 'Pay', sensitive: true } };
const OPTIONS = { scope: 'openid read:x', scopes: SCOPES } as object;

/** Shows the element for the page's client, if it has one. */
const inspect = (page: Page, name?: string): Promise<void> => page.evaluate(async (name) => {
  const path = '/pkg/inspector.js';
  const { defineInspector } = (await import(path)) as typeof import('../../../pkg/inspector.js');
  defineInspector();
  defineInspector();
  const element = document.createElement('scopewise-inspector') as ScopewiseInspector;
  if (name) element.client = kit.clients[name]!;
  document.body.append(element);
}, name);

test('session, scopes, what they are for, what to change, and what changed', async ({ app, page, server }) => {
  await app.goto();
  await app.open(OPTIONS);
  await inspect(page, 'main');
  const inspector = page.locator('scopewise-inspector');
  await expect(inspector).toContainText('Nobody is signed in.');
  await app.signIn();
  await expect(inspector).toContainText('Signed in: ada.');
  const scope = (name: string) => inspector.locator(`details[data-scope="${name}"]`);
  await expect(scope('read:x')).toHaveAttribute('data-status', 'granted');
  await expect(inspector.locator('[data-advice=unused]')).toContainText('read:x');

  await app.upgrade('write:x', (url) => server.reply(url, { error: 'access_denied' }));
  await expect(scope('write:x')).toHaveAttribute('data-status', 'denied');
  // By the keyboard; what is open stays so when something changes.
  await scope('write:x').locator('summary').focus();
  await page.keyboard.press('Enter');
  await expect(scope('write:x')).toContainText('Create appointments: to save what you enter.');
  await expect(scope('write:x')).toContainText((await app.call('explainScope', 'write:x')).value!);
  await app.upgrade('write:x');
  await expect(scope('write:x')).toHaveAttribute('data-status', 'granted');
  await expect(scope('write:x')).toHaveAttribute('open', '');
  await app.upgrade('pay:x');
  await expect(scope('pay:x')).toContainText('sensitive');

  await app.call('signOut', { local: true });
  await expect(inspector).toContainText('Nobody is signed in.');
  const said = await inspector.getByRole('list', { name: 'Changes' }).getByRole('listitem').allTextContents();
  const order = ['Signed out', 'Granted: pay:x', 'Granted: write:x', 'Signed in', 'Signed out when this was opened'];
  expect(order.map((what) => said.findIndex((line) => line.endsWith(what)))).toEqual([...order.map((what) => said.findIndex((line) => line.endsWith(what)))].sort((one, other) => one - other));
  expect(order.every((what) => said.some((line) => line.endsWith(what)))).toBe(true);
  // No token is in it.
  expect(await inspector.evaluate((element) => element.shadowRoot!.textContent)).not.toMatch(/access-\d|refresh-\d/);
});

test('it takes a client that was set before the element was defined', async ({ app, page }) => {
  await app.goto();
  await app.open(OPTIONS);
  await page.evaluate(() => void (Object.assign(document.body.appendChild(document.createElement('scopewise-inspector')), { client: kit.clients['main'] })));
  await inspect(page);
  await expect(page.locator('scopewise-inspector').first()).toContainText('Nobody is signed in.');
});

test('it waits for a client, takes another, and lets go of one when it is taken out', async ({ app, page }) => {
  await app.goto();
  await app.open(OPTIONS);
  const other = await app.as('other').open({ clientId: 'other', ...OPTIONS });
  await inspect(page);
  const inspector = page.locator('scopewise-inspector');
  await expect(inspector).toContainText('There is no client yet.');
  const give = (name: string) => page.evaluate((name) => void (document.querySelector<ScopewiseInspector>('scopewise-inspector')!.client = kit.clients[name]!), name);
  await give('main');
  await app.signIn();
  await expect(inspector).toContainText('Signed in: ada.');
  await give('other');
  await expect(inspector).toContainText('Nobody is signed in.');
  await app.call('signOut', { local: true });
  await expect(inspector.getByRole('list', { name: 'Changes' }).getByRole('listitem')).toHaveCount(1);
  const before = await page.evaluate(() => {
    const element = document.querySelector('scopewise-inspector')!;
    element.remove();
    (globalThis as any).removed = element;
    return element.shadowRoot!.textContent;
  });
  await other.signIn();
  expect(await page.evaluate(() => (globalThis as any).removed.shadowRoot.textContent)).toBe(before);
  await page.evaluate(() => document.body.append((globalThis as any).removed));
  await expect(inspector).toContainText('Signed in: ada.');
});

test('a client that was closed is said to be, before and after it was given, and nothing is thrown in the page', async ({ app, page }) => {
  const thrown: unknown[] = [];
  page.on('pageerror', (error) => thrown.push(error));
  await app.goto();
  await app.open(OPTIONS);
  await app.signIn();
  await inspect(page, 'main');
  const inspector = page.locator('scopewise-inspector');
  await expect(inspector).toContainText('Signed in: ada.');
  await app.call('close');
  await expect(inspector).toContainText('The client has ended');
  // Taken out and put back, it looks again.
  await inspector.evaluate((element) => document.body.append(element));
  await expect(inspector).toContainText('The client has ended');
  await inspector.evaluate((element) => element.remove());
  await inspect(page, 'main');
  await expect(inspector).toContainText('The client has ended');
  await app.as('other').open({ clientId: 'other', ...OPTIONS });
  await inspector.evaluate((element) => void ((element as ScopewiseInspector).client = kit.clients['other']!));
  await expect(inspector).toContainText('Nobody is signed in.');
  expect(thrown).toEqual([]);
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe has nothing against it, ${colorScheme}`, async ({ app, page }) => {
    await page.emulateMedia({ colorScheme });
    await app.goto();
    await app.open(OPTIONS);
    await app.signIn();
    await inspect(page, 'main');
    await page.evaluate(() => {
      document.documentElement.style.colorScheme = 'light dark';
      document.querySelector('scopewise-inspector')!.shadowRoot!.querySelectorAll('details').forEach((one) => (one.open = true));
    });
    const found = await page.evaluate(async (source) => {
      (0, eval)(source);
      const { violations } = await (window as any).axe.run('scopewise-inspector');
      return violations.map(({ id, nodes }: any) => `${id}: ${nodes.map(({ html }: any) => html).join()}`);
    }, axe);
    expect(found).toEqual([]);
  });
}

test('on a page that is on another machine it warns', async ({ app, page }) => {
  await app.goto();
  await app.open(OPTIONS);
  const warned = page.waitForEvent('console', (message) => message.type() === 'warning');
  // Every name below localhost is this machine for the browser; only the element is told otherwise.
  await page.evaluate(async () => {
    const source = await (await fetch('/pkg/inspector.js')).text();
    const elsewhere = source.replace('location.hostname', '"app.example"').replaceAll('"./index.js"', `"${location.origin}/pkg/index.js"`);
    const { defineInspector } = await import(URL.createObjectURL(new Blob([elsewhere], { type: 'text/javascript' })));
    defineInspector();
    const element = document.createElement('scopewise-inspector') as ScopewiseInspector;
    element.client = kit.clients['main']!;
    document.body.append(element);
  });
  expect((await warned).text()).toContain('for development');
  await expect(page.locator('scopewise-inspector')).toContainText('This is for development');
});
