// Until a client is there, its module's loading included.
import type { BrowserContext, Page } from '@playwright/test';
import { CLIENTS, type ClientName } from '../clients.js';
import { rounds } from '../rounds.js';
import { application, fresh, open, type Setting } from '../setting.js';
import { ratios, type Row } from '../table.js';

/** A phone on a slow mobile network, as Lighthouse has it. */
const SLOW = { latency: 150, throughput: 1.6 * 1024 * 1024 / 8, slowdown: 4 };

export async function ready(setting: Setting): Promise<Row[]> {
  const cold = await rounds(15, 10, CLIENTS, (client) => fresh(setting, (context) => load(setting, context, client)));
  const profiles = new Map<ClientName, BrowserContext>();
  for (const client of CLIENTS) {
    const context = await setting.browser.newContext();
    profiles.set(client, context);
    // Browsers keep what they compiled once a page was visited more than once.
    for (let visit = 0; visit < 3; visit += 1) await load(setting, context, client);
  }
  const warm = await rounds(15, 10, CLIENTS, (client) => load(setting, profiles.get(client)!, client));
  for (const context of profiles.values()) await context.close();
  const slow = await rounds(7, 20, CLIENTS, (client) => fresh(setting, (context) => load(setting, context, client, slowDown)));
  return [
    ratios('ready, cold cache', cold, 1.5),
    ratios('ready, warm cache', warm, 2.2),
    ratios('ready, slow link and processor', slow, 2.2),
  ];
}

async function load(setting: Setting, context: BrowserContext, client: ClientName, before = async (_: Page) => {}): Promise<number> {
  const page = await application(setting, context, client);
  await before(page);
  const took = await open(page);
  await page.close();
  return took;
}

async function slowDown(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  await session.send('Network.emulateNetworkConditions', {
    offline: false, latency: SLOW.latency, downloadThroughput: SLOW.throughput, uploadThroughput: SLOW.throughput / 2,
  });
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOW.slowdown });
}
