// What a check of a scope costs, with few and with many scopes granted, beside a look into a Set.
import type { Page } from '@playwright/test';
import { App } from '../../e2e/app.js';
import { scriptedServer } from '../../e2e/server.js';
import { site } from '../../e2e/site.js';
import { median } from '../rounds.js';
import { fresh, type Setting } from '../setting.js';
import { number, type Row } from '../table.js';

const SIZES = [10, 100, 1000] as const;
const ROUNDS = 7;
/** Milliseconds that a loop of calls runs for, about. */
const LONG = 15;
/** A check may take so many times what a Set takes, */
const WANTED = 5;
/** and, with any number of scopes, so many times what it takes with the fewest. */
const FLAT = 2;

/** Nanoseconds for each call. */
interface Cost {
  readonly client: number;
  readonly set: number;
}

type Costs = Record<'hit' | 'miss', Cost[]>;

export async function scopes(setting: Setting): Promise<Row[]> {
  const bare = await site();
  const costs = new Map<number, Costs>(SIZES.map((size) => [size, { hit: [], miss: [] }]));
  await fresh(setting, async (context) => {
    const pages = new Map<number, Page>();
    for (const size of SIZES) {
      const page = await context.newPage();
      await granted(page, bare.origin, size);
      pages.set(size, page);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [size, page] of pages) {
        for (const kind of ['hit', 'miss'] as const) costs.get(size)![kind].push(await check(page, kind, size));
      }
    }
  });
  await bare.close();
  return [...costs].flatMap(([size, { hit, miss }]) => [row(`hasScope, ${size} granted, a hit`, hit), row(`hasScope, ${size} granted, a miss`, miss)])
    .concat(flat(costs, 'hit'), flat(costs, 'miss'));
}

const scopesOf = (size: number) => Array.from({ length: size }, (_, n) => `read:thing-${n}`);

/** A user who is signed in with so many scopes. */
async function granted(page: Page, origin: string, size: number): Promise<void> {
  const server = await scriptedServer();
  try {
    server.answer = { scope: scopesOf(size).join(' ') };
    const app = await new App(page, origin, server).goto();
    await app.open({ scope: 'read:thing-0' });
    await app.signIn();
    if ((await app.session()).granted.length !== size) throw new Error(`not ${size} scopes`);
  } finally {
    await server.close();
  }
}

/** Eight scopes in turn, as an interface has them. The answers are added up, so that no call can be left out. */
function check(page: Page, kind: 'hit' | 'miss', size: number): Promise<Cost> {
  return page.evaluate(([kind, all, long]) => {
    const set = new Set(all);
    const step = Math.max(1, Math.floor(all.length / 8));
    const names = Array.from({ length: 8 }, (_, n) => (kind === 'hit' ? all[n * step % all.length]! : `write:thing-${n}`));
    const { hasScope } = kit.clients.main as { hasScope(scope: string): boolean };
    const took = (has: (scope: string) => boolean, times: number) => {
      let found = 0;
      const began = performance.now();
      for (let call = 0; call < times; call += 1) if (has(names[call & 7]!)) found += 1;
      const ns = (performance.now() - began) / times * 1e6;
      if (found !== (kind === 'hit' ? times : 0)) throw new Error(`${found} hits in ${times}`);
      return ns;
    };
    // Each has its own copy of the loop, compiled for what it calls.
    const [client, look] = [0, 1].map(() => new Function('names', 'kind', `return ${took}`)(names, kind) as typeof took) as [typeof took, typeof took];
    const inSet = (scope: string) => set.has(scope);
    // As many calls as fit, by what some cost that also warm it up.
    const cost = (loop: typeof took, has: (scope: string) => boolean, some: number) => {
      const before = loop(has, some);
      // A page's clock is too coarse to see the cheapest calls: they count as one nanosecond.
      return loop(has, Math.max(some, Math.ceil(long * 1e6 / Math.max(before, 1))));
    };
    return { client: cost(client, hasScope, 200_000), set: cost(look, inSet, 200_000) };
  }, [kind, scopesOf(size), LONG] as const);
}

function row(measure: string, costs: Cost[]): Row {
  const value = median(costs.map(({ client, set }) => client / set));
  const set = median(costs.map(({ set }) => set));
  return { measure, cells: { scopewise: number(value) }, base: `Set.has ${number(set)} ns`, rounds: costs.length, wanted: `≤ ${WANTED}`, met: value <= WANTED };
}

function flat(costs: Map<number, Costs>, kind: 'hit' | 'miss'): Row {
  const all = [...costs.values()].map((found) => median(found[kind].map(({ client }) => client)));
  const value = Math.max(...all) / Math.min(...all);
  return { measure: `hasScope, dearest by cheapest of these, a ${kind}`, cells: { scopewise: number(value) }, wanted: `≤ ${FLAT}`, met: value <= FLAT };
}
