// From where the callback page begins until it has an access token, at a real server; and what the page then holds in memory.
import type { Page } from '@playwright/test';
import { CLIENTS, LIBRARIES, type ClientName } from '../clients.js';
import { median, rounds, type Taken } from '../rounds.js';
import { application, fresh, open, signIn, type Setting } from '../setting.js';
import { ratios, type Row } from '../table.js';

const ROUNDS = 15;
/** Whose memory is looked at: counting takes a while, and varies little. */
const COUNTED = 3;

export async function callback(setting: Setting): Promise<Row[]> {
  const held: Taken = new Map(CLIENTS.map((client) => [client, []]));
  const empty = await fresh(setting, async (context) => memory(await application(setting, context, 'baseline')));
  const taken = await rounds(ROUNDS, 25, CLIENTS, (client) => fresh(setting, async (context) => {
    const page = await application(setting, context, client);
    await open(page);
    const took = await signIn(setting, page, client);
    if (held.get(client)!.length < COUNTED) held.get(client)!.push((await memory(page)) - empty);
    return took;
  }));
  return [ratios('callback to token', taken, 1.3), heap(held)];
}

function heap(held: Taken): Row {
  const text = (client: ClientName) => `${(median(held.get(client)!) / 1024).toFixed(0)} KiB`;
  const cells = Object.fromEntries(LIBRARIES.filter((client) => held.get(client)!.length).map((client) => [client, text(client)]));
  return { measure: 'heap after login, WebAssembly included', cells, base: text('baseline') };
}

/** Bytes: what lives on the JavaScript heap, and the memories of WebAssembly instances. */
async function memory(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  for (let time = 0; time < 2; time += 1) await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const used = metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value;
  const { result: prototype } = await session.send('Runtime.evaluate', { expression: 'WebAssembly.Memory.prototype' });
  const { objects } = await session.send('Runtime.queryObjects', { prototypeObjectId: prototype.objectId! });
  const { result: pages } = await session.send('Runtime.callFunctionOn', {
    objectId: objects.objectId!, returnByValue: true,
    functionDeclaration: 'function () { return this.reduce((sum, memory) => sum + memory.buffer.byteLength, 0); }',
  });
  await session.detach();
  return used + pages.value;
}
