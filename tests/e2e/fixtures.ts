// The parts that tests are made of. Whatever goes wrong in a page unexpectedly fails the test.
import { test as base, expect, type BrowserContext } from '@playwright/test';
// @ts-ignore: the demo is plain JavaScript
import { start } from '../../www/server/start.mjs';
import { App } from './app.js';
import { lastShown, misplaced, watchShown, type Secrets, type Shown } from './secrets.js';
import { scriptedServer, type ScriptedServer } from './server.js';
import { site } from './site.js';

export interface Demo {
  readonly url: string;
  readonly issuer: string;
  readonly api: string;
  /** The API that Foyer finds out about. */
  readonly rooms: string;
  /** The other provider, and its API. */
  readonly almanac: { readonly issuer: string; readonly events: string };
}

/** Says what a test expects to see in the console or as a page error; anything else fails it. */
export type Expected = (pattern: RegExp) => void;

interface Fixtures {
  mayLog: Expected;
  /** The secrets of the test, which no page may show; a test may say what it shows all the same. */
  secrets: Secrets;
  shown: Shown[];
  mayShow: Expected;
  server: ScriptedServer;
  app: App;
}

/** What takes a while to start, for all tests of a worker that ask for it: started for the first, closed after the last. */
export type Once = <T extends Closable>(name: string, start: () => Promise<T>) => Promise<T>;

interface Closable {
  close(): unknown;
}

interface WorkerFixtures {
  once: Once;
  demo: Demo;
  bareSite: string;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  // Tests whose fixtures for workers differ cannot share a worker: what only some need is started by this one.
  once: [async ({}, use) => {
    const started = new Map<string, Promise<Closable>>();
    await use(<T extends Closable>(name: string, start: () => Promise<T>) => {
      const running = started.get(name) ?? start();
      started.set(name, running);
      return running as Promise<T>;
    });
    for (const running of started.values()) await running.then((each) => each.close(), () => {});
  }, { scope: 'worker' }],

  demo: [async ({}, use) => {
    const demo = await start({ port: 0, authPort: 0, clients: [] });
    await use(demo);
    await demo.close();
  }, { scope: 'worker' }],

  bareSite: [async ({}, use) => {
    const { origin, close } = await site();
    await use(origin);
    await close();
  }, { scope: 'worker' }],

  // Set up after the other, so that what servers log when they close is not waited for.
  mayLog: [async ({ context, mayShow: _ }, use) => {
    const allowed: RegExp[] = [];
    const seen = watch(context);
    await use((pattern) => void allowed.push(pattern));
    expect(seen.filter((line) => !allowed.some((pattern) => pattern.test(line))), 'errors in the page').toEqual([]);
  }, { auto: true }],

  secrets: async ({}, use) => use(new Map()),

  shown: async ({ context }, use) => use(await watchShown(context)),

  mayShow: [async ({ context, secrets, shown }, use) => {
    const allowed: RegExp[] = [];
    await use((pattern) => void allowed.push(pattern));
    for (const page of context.pages()) shown.push(...await lastShown(page));
    expect(misplaced(secrets, shown).filter((line) => !allowed.some((pattern) => pattern.test(line))), 'secrets that pages showed').toEqual([]);
  }, { auto: true }],

  server: async ({ secrets }, use) => {
    const server = await scriptedServer(secrets);
    await use(server);
    await server.close();
  },

  app: async ({ page, bareSite, server }, use) => {
    await use(await new App(page, bareSite, server).goto());
  },
});

/** Page errors, console errors and violations of a content security policy, of every page of a context. */
function watch(context: BrowserContext): string[] {
  const seen: string[] = [];
  context.on('weberror', (error) => void seen.push(`page error: ${error.error()}`));
  context.on('console', (message) => {
    const isPolicy = /content security policy/i.test(message.text());
    if (message.type() === 'error' || isPolicy) seen.push(`console: ${message.text()} (${message.location().url})`);
  });
  return seen;
}

export { expect };
