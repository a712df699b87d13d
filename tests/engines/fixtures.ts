// The parts that tests are made of: a browser of one of the engines, the demo with its real provider, and a bare page.
import { test as base, expect } from '@playwright/test';
// @ts-ignore: the demo is plain JavaScript
import { start } from '../../www/server/start.mjs';
import { listen } from '../e2e/listen.js';
import { proxy, type Proxy } from '../e2e/proxy.js';
import { scriptedServer, type ScriptedServer } from '../e2e/server.js';
import { site } from '../e2e/site.js';
import { App } from './app.js';
import { Browser, type Engine, type Wants, type Window } from './webdriver.js';

interface TestOptions {
  /** Cross-Origin-Opener-Policy of the provider. */
  openerPolicy: string | undefined;
}

export type Options = WorkerOptions & TestOptions;

export interface Demo {
  readonly url: string;
  readonly issuer: string;
}

interface WorkerOptions {
  engine: Engine;
  /** What the browser is asked to be. */
  wants: Wants;
}

interface WorkerFixtures {
  /** One for all tests of a worker: each has origins of its own, and a window. */
  driven: Browser;
}

interface Fixtures {
  windows: Browser;
  tab: Window;
  bareSite: string;
  demo: Demo;
  /** What pages fetch of the provider goes through this, and is counted. */
  between: Proxy;
  server: ScriptedServer;
  /** A client of the real provider on the bare page. */
  app: App;
  /** A client of a scripted server on the bare page. */
  scripted: App;
}

/** The client of the tests on the bare page: what it is registered as, with each redirect URI that a test may use. */
const registration = (sites: string[]) => ({
  client_id: 'bare', client_name: 'Bare', redirect_uris: sites.flatMap((one) => ['/cb', '/relay/', '/kept/'].map((path) => `${one}${path}`)),
  post_logout_redirect_uris: sites.map((one) => `${one}/app/`), response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none',
});

export const localhost = (url: string): string => url.replace('127.0.0.1', 'localhost');

export const test = base.extend<Fixtures & TestOptions, WorkerFixtures & WorkerOptions>({
  engine: ['chromium', { option: true, scope: 'worker' }],
  wants: [{}, { option: true, scope: 'worker' }],
  openerPolicy: [undefined, { option: true }],

  driven: [async ({ engine, wants }, use) => {
    const browser = await Browser.start(engine, wants);
    await use(browser);
    await browser.close();
  }, { scope: 'worker', timeout: 120_000 }],

  windows: async ({ driven, engine }, use, info) => {
    info.annotations.push({ type: engine, description: driven.version });
    await use(driven);
  },

  tab: async ({ windows }, use) => {
    const page = await windows.open();
    for (const other of await windows.all()) if (other.handle !== page.handle) await other.close();
    await use(page);
  },

  bareSite: async ({}, use) => {
    const { origin, close } = await site();
    await use(origin);
    await close();
  },

  demo: async ({ bareSite, openerPolicy }, use) => {
    const demo = await start({ port: 0, authPort: 0, almanacPort: 0, openerPolicy, clients: [registration([bareSite])] });
    await use(demo);
    await demo.close();
  },

  between: async ({ demo }, use) => {
    const between = await proxy(demo.issuer);
    await use(between);
    await between.close();
  },

  server: async ({}, use) => {
    const server = await scriptedServer();
    await use(server);
    await server.close();
  },

  app: async ({ tab, bareSite, demo, between }, use) => {
    const found = await fetch(`${demo.issuer}/.well-known/openid-configuration`);
    const metadata = between.through((await found.json()) as Record<string, unknown>);
    await use(new App(tab, bareSite, { clientId: 'bare', metadata, redirectUri: '/cb', scope: 'openid profile offline_access' }));
  },

  scripted: async ({ tab, bareSite, server }, use) => {
    await use(new App(tab, bareSite, { clientId: 'app', metadata: server.metadata, redirectUri: '/relay/', scope: 'openid read:x' }));
  },
});

export { expect, listen };
