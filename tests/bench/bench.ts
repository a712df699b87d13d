// Measures the package beside other clients, in ratios to a hand-written one, and prints one table. It judges nothing but whether it could measure.
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from '@playwright/test';
import { CLIENTS } from './clients.js';
import { callback } from './measures/callback.js';
import { click } from './measures/click.js';
import { ready } from './measures/ready.js';
import { scopes } from './measures/scopes.js';
import { tabs } from './measures/tabs.js';
import { tokens } from './measures/tokens.js';
import { provider } from './provider.js';
import { site } from './site.js';
import { table, type Row } from './table.js';
import type { Setting } from './setting.js';

const MEASURES: readonly ((setting: Setting) => Promise<Row[]>)[] = [click, ready, callback, scopes, tokens, tabs];
/** Names of measures, where not all are wanted. */
const ONLY = process.env['SCOPEWISE_BENCH'];
const REPORT = fileURLToPath(new URL('../../target/bench.md', import.meta.url));

test('the package beside other clients', async ({ browser }) => {
  const apps = await site();
  const server = await provider(apps.origin);
  const { origin, metadata } = server;
  for (const name of CLIENTS) {
    apps.settings.set(name, { origin, metadata, clientId: name, redirectUri: `${apps.origin}/cb/${name}`, scope: 'openid offline_access' });
  }
  const began = Date.now();
  const rows: Row[] = [];
  const failures: unknown[] = [];
  for (const measure of MEASURES.filter(({ name }) => !ONLY || ONLY.split(',').includes(name))) {
    const started = Date.now();
    try {
      rows.push(...await measure({ browser, apps, server }));
    } catch (error) {
      failures.push(error);
      console.error(error);
      rows.push({ measure: `${measure.name}: failed`, cells: {} });
    }
    console.log(`${measure.name}: ${((Date.now() - started) / 1000).toFixed(0)} s`);
  }
  await Promise.all([apps.close(), server.close()]);
  const sizes = CLIENTS.map((name) => `${name} ${(apps.bytes(name) / 1024).toFixed(1)} KiB`).join(', ');
  await report(rows, `Chromium ${browser.version()}, ${((Date.now() - began) / 1000).toFixed(0)} seconds. Compressed: ${sizes}.`);
  if (failures.length) throw new AggregateError(failures, failures.map(String).join('\n'));
});

async function report(rows: Row[], circumstances: string): Promise<void> {
  const legend = 'Numbers without a unit are ratios to the column "hand-written", the median of rounds in one run. A busy machine makes fewer rounds and vaguer numbers.';
  const text = `${table(rows)}\n\n${legend} ${circumstances}\n`;
  console.log(`\n${text}`);
  await mkdir(dirname(REPORT), { recursive: true });
  await writeFile(REPORT, `# Benchmark\n\n${text}`);
}
