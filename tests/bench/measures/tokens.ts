// Tokens in a page that is signed in: from the cache, ten times at once when it has run out, and renewed on demand.
import type { BrowserContext, Page } from '@playwright/test';
import { CLIENTS, type ClientName } from '../clients.js';
import { TOKEN_SECONDS } from '../provider.js';
import { rounds } from '../rounds.js';
import { application, open, signIn, type Setting } from '../setting.js';
import { ratios, type Row } from '../table.js';

const CALLS = 2000;
const AT_ONCE = 10;

export async function tokens(setting: Setting): Promise<Row[]> {
  const contexts: BrowserContext[] = [];
  const pages = new Map<ClientName, Page>();
  for (const client of CLIENTS) {
    const context = await setting.browser.newContext();
    contexts.push(context);
    const page = await application(setting, context, client);
    await open(page);
    await signIn(setting, page, client);
    pages.set(client, page);
  }
  const cached = await rounds(11, 10, CLIENTS, (client) => pages.get(client)!.evaluate(fromCache, CALLS));
  const one = await rounds(15, 10, CLIENTS, (client) => renewals(setting, client, () => pages.get(client)!.evaluate(renewed)));
  const many = await rounds(15, 10, CLIENTS, (client) => renewals(setting, client, () => pages.get(client)!.evaluate(atOnce, [AT_ONCE, TOKEN_SECONDS + 50] as const)));
  for (const context of contexts) await context.close();
  return [
    ratios('getAccessToken from the cache, each call', cached, 3),
    ratios('one refresh', one),
    ratios('ten calls at once on an expired token', many, 1.5),
  ];
}

/** Measures what is to be one refresh, and makes sure that it was. */
async function renewals({ server }: Setting, client: ClientName, measure: () => Promise<number>): Promise<number> {
  const before = server.counted(client).refreshes;
  const took = await measure();
  const made = server.counted(client).refreshes - before;
  if (made !== 1) throw new Error(`${client} made ${made} refresh requests`);
  return took;
}

async function fromCache(calls: number): Promise<number> {
  const { client } = bench;
  for (let call = 0; call < calls / 4; call += 1) await client.token();
  const began = performance.now();
  for (let call = 0; call < calls; call += 1) await client.token();
  return (performance.now() - began) / calls;
}

async function renewed(): Promise<number> {
  const began = performance.now();
  await bench.client.refresh();
  return performance.now() - began;
}

async function atOnce([calls, seconds]: readonly [number, number]): Promise<number> {
  bench.ahead += seconds;
  const began = performance.now();
  const found = await Promise.all(Array.from({ length: calls }, () => bench.client.token()));
  const took = performance.now() - began;
  if (new Set(found).size !== 1) throw new Error('different tokens');
  return took;
}
