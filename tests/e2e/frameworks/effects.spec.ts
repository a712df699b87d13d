// How often effects run, and parts are rendered: no more often than what they show changes.
import { FRAMEWORKS } from './bundle.js';
import { expect, sharedFiles, test } from './page.js';
import type {} from './pages/ran.js';

for (const framework of [...FRAMEWORKS, 'angular'] as const) {
  test(`with ${framework} an effect that asks asks once, and one of what stays the same does not run again`, async ({ made, page }) => {
    const app = await made(framework).open({ asksFor: 'pay:x' });
    await app.signIn();
    await expect(app.dialog).toHaveCount(1);
    await app.dialog.getByRole('button', { name: 'Not now' }).click();
    await expect(app.dialog).toHaveCount(0);
    const { missing, ...before } = await page.evaluate(() => ran);
    expect(before).toMatchObject({ asked: 1 });
    // Another scope is asked for, and comes: nothing changed for this one.
    await app.at('ask-at-once').click();
    await expect(app.at('granted')).toHaveText('true');
    await expect(app.at('pending')).toHaveText('false');
    expect(await page.evaluate(() => ran)).toMatchObject({ asked: 1, missing });
  });

  test(`with ${framework} two clicks before the dialog is there are one question`, async ({ made, page }) => {
    const app = await made(framework).open();
    await app.signIn();
    await app.at('ask').evaluate((button: HTMLElement) => [1, 2].forEach(() => button.click()));
    await expect(app.at('answer')).toHaveText('false');
    await expect(app.dialog).toHaveCount(1);
    await page.keyboard.press('Enter');
    await expect(app.dialog).toHaveCount(0);
    await expect(app.at('granted')).toHaveText('true');
    expect(app.asked()).toHaveLength(2);
  });
}

test('with React a component that only calls APIs is not rendered again for a session that changes', async ({ made, page }) => {
  const app = await made('react').open({ api: '/api' });
  await expect(app.at('status')).toHaveText('signed-out');
  const { call } = await page.evaluate(() => ran);
  await app.signIn();
  await app.at('ask-at-once').click();
  await expect(app.at('granted')).toHaveText('true');
  expect(await page.evaluate(() => ran['call'])).toBe(call);
});

test('lists that nobody shows any more are gone, and those that are shown stay the same', async ({ app, page }) => {
  const [store] = await sharedFiles(['storeOf']);
  await app.goto();
  await app.open();
  await app.signIn();
  const alike = await page.evaluate(async (path) => {
    const { storeOf } = await import(path!);
    const store = storeOf(kit.clients['main']!);
    const read = (questions: any, scope: string) => questions.seen(store.read(), scope);
    const shown = store.questions(() => ['write:x']);
    const first = read(shown, 'write:x');
    const again = read(shown, 'write:x');
    const gone = store.questions(() => ['write:y']);
    const { missing, descriptions } = read(gone, 'write:y');
    Object.assign(globalThis, { store, shown, first, lists: [new WeakRef(missing), new WeakRef(descriptions), new WeakRef(store.scope(store.read(), 'write:z').missing)] });
    return first.missing === again.missing && first.descriptions === again.descriptions;
  }, store);
  expect(alike).toBe(true);
  const browser = await page.context().newCDPSession(page);
  await expect.poll(async () => {
    await browser.send('HeapProfiler.collectGarbage');
    return page.evaluate(() => (globalThis as any).lists.map((list: WeakRef<object>) => list.deref()));
  }).toEqual([undefined, undefined, undefined]);
});
