// One page that stays open for long: whatever it does over and over leaves nothing behind.
import type { ClientOptions } from '../../../pkg/index.js';
import type { App } from '../app.js';
import { expect, test } from '../fixtures.js';
import { noteMemory } from '../memory.js';
import { isLong, times } from '../tabs.js';
import { NOTHING, expectNothingLeft, expectNothingOpen, open, watched } from '../windows.js';

const UPGRADES = times(20, 1_000);
/** For each upgrade. */
const REFRESHES = 10;
/** What a page may keep of all that: the browser's own caches and counts, not something of every call. */
const MOST = times(400_000, 1_000_000);

test.setTimeout(isLong ? 3_000_000 : 180_000);

/** What there is once nothing is under way any more, and the garbage was collected. */
async function measured(app: App) {
  await expectNothingOpen(app);
  const browser = await app.page.context().newCDPSession(app.page);
  await browser.send('Performance.enable');
  // What was found the first time lets go of more.
  for (let turn = 0; turn < 3; turn += 1) await browser.send('HeapProfiler.collectGarbage');
  const { metrics } = await browser.send('Performance.getMetrics');
  await browser.detach();
  const metric = (name: string) => metrics.find((one) => one.name === name)!.value;
  const wasm: number = await app.page.evaluate(() => (globalThis as any).memory.buffer.byteLength);
  return { 'JS heap, bytes': metric('JSHeapUsedSize'), 'wasm memory, bytes': wasm, documents: metric('Documents'), nodes: metric('Nodes'), ...(await open(app)) };
}

/** Every refresh takes a scope away, and every upgrade asks for it again, in a frame. */
async function goOn(app: App, upgrades: number): Promise<void> {
  const said = await app.page.evaluate(async ([upgrades, refreshes]) => {
    const client = kit.clients['main'];
    const tokens = new Set();
    for (let turn = 0; turn < upgrades; turn += 1) {
      for (let i = 0; i < refreshes; i += 1) tokens.add(await client.getAccessToken({ forceRefresh: true }));
      if (client.hasScope('write:x')) return 'the scope is still there';
      const { outcome } = await client.upgrade('write:x', { mode: 'silent' });
      if (outcome !== 'granted') return outcome;
    }
    return tokens.size;
  }, [upgrades, REFRESHES] as const);
  expect(said).toBe(upgrades * REFRESHES);
}

for (const storage of ['session', 'indexeddb'] as const) {
  test(`${UPGRADES} upgrades and ${UPGRADES * REFRESHES} refreshes on one page, storage ${storage}: nothing is left of them`, async ({ app, server }) => {
    server.refreshes = true;
    server.token = ({ json, form, tokens }) => json({ ...tokens, ...(form.get('grant_type') === 'refresh_token' && { scope: 'openid offline_access' }) });
    await app.page.addInitScript(noteMemory);
    await watched(app, { storage });
    await app.open({ scope: 'openid offline_access', storage });
    await app.signIn();
    await goOn(app, Math.ceil(UPGRADES / 10));
    const warm = await measured(app);
    await goOn(app, UPGRADES);
    const after = await measured(app);
    if (isLong) console.table({ 'after a tenth': warm, 'after all': after });
    expect(after['wasm memory, bytes']).toBe(warm['wasm memory, bytes']);
    expect(after).toMatchObject({ ...NOTHING, documents: warm.documents, nodes: warm.nodes });
    expect(after['JS heap, bytes'] - warm['JS heap, bytes']).toBeLessThan(MOST);
    await expectNothingLeft(app);
    expect(server.requests().filter(({ form }) => form.get('grant_type') === 'refresh_token')).toHaveLength((UPGRADES + Math.ceil(UPGRADES / 10)) * REFRESHES);
  });
}

test('C318 a thousand clients that are made and closed leave nothing behind', async ({ app }) => {
  await app.page.addInitScript(noteMemory);
  await watched(app);
  const comeAndGo = (count: number) => app.page.evaluate(async ([options, count]) => {
    for (let turn = 0; turn < count; turn += 1) {
      const client = await kit.createClient(options as ClientOptions);
      client.subscribe(() => {});
      client.authorizeUrl();
      client.close();
      sessionStorage.clear();
    }
  }, [app.options() as object, count] as const);
  // What the module keeps of a client goes with the facade's object, when that is collected.
  const gone = async (batches: number) => {
    for (let batch = 1; batch < batches; batch += 1) {
      await comeAndGo(100);
      await measured(app);
    }
    await comeAndGo(100);
    return measured(app);
  };
  const warm = await gone(3);
  const after = await gone(10);
  expect(after['wasm memory, bytes']).toBe(warm['wasm memory, bytes']);
  expect(after).toMatchObject({ ...NOTHING, documents: warm.documents, nodes: warm.nodes });
  expect(after['JS heap, bytes'] - warm['JS heap, bytes']).toBeLessThan(MOST);
});
