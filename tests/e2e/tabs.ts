// Many tabs of one application, with a real authorization server behind a proxy that counts and holds requests back.
import type { BrowserContext, Page } from '@playwright/test';
// @ts-ignore: the demo is plain JavaScript
import { start } from '../../www/server/start.mjs';
import { App, type Answer } from './app.js';
import { expect, test as base } from './fixtures.js';
import { proxy, type Proxy } from './proxy.js';
import { storedText } from './records.js';
import type { ScriptedServer } from './server.js';
import { allow, choose, type Person } from './stories/people.js';

/** `cargo xtask soak` does much more of everything. */
export const isLong = Boolean(process.env['SCOPEWISE_SOAK']);
export const times = (short: number, long: number): number => (isLong ? long : short);

export type Shared = 'local' | 'indexeddb';
export const SHARED: readonly Shared[] = ['local', 'indexeddb'];

const SCOPE = 'openid profile offline_access';

export class Tabs {
  /** Grants that the server revoked, because a token was used twice or given up. */
  readonly revoked: string[] = [];
  #metadata: Record<string, unknown> = {};

  constructor(readonly context: BrowserContext, readonly site: string, readonly proxy: Proxy, readonly storage: Shared) {}

  async meet(issuer: string): Promise<void> {
    const found = await fetch(`${issuer}/.well-known/openid-configuration`);
    this.#metadata = this.proxy.through((await found.json()) as Record<string, unknown>);
  }

  /** A tab with a client. `timeout` is how long its requests may take. */
  async open(timeout = 10_000): Promise<App> {
    const page = await this.context.newPage();
    return this.at(page, timeout);
  }

  async at(page: Page, timeout = 10_000, path = '/app/'): Promise<App> {
    // Of a server, an App that asks a real one needs the metadata only.
    const app = new App(page, this.site, { metadata: this.#metadata } as ScriptedServer);
    if (!page.url().startsWith(`${this.site}/cb`)) await app.goto(path);
    return app.open({ clientId: 'tabs', scope: SCOPE, storage: this.storage, timeout });
  }

  openSome(count: number, timeout?: number): Promise<App[]> {
    return Promise.all(Array.from({ length: count }, () => this.open(timeout)));
  }

  /** A user signs in, in this tab. */
  async signIn(app: App, person: Person = 'ada', scope = SCOPE): Promise<void> {
    const { page } = app;
    // Another user may be signed in at the server.
    await this.context.clearCookies();
    await page.evaluate((scope) => void kit.call('main', 'signIn', { scope, prompt: 'consent' }), scope);
    await choose(page, person);
    await allow(page);
    await page.waitForURL((url) => url.pathname === '/cb');
    await page.waitForFunction(() => globalThis.kit);
    await this.at(page);
    expect((await app.call('handleCallback')).value).toMatchObject({ outcome: 'granted' });
  }

  /** Refresh tokens as they came, each as often as it came. */
  sent = (): string[] => this.proxy.sent('refresh_token');

  expectNothingTwice(): void {
    expect(new Set(this.sent()).size).toBe(this.sent().length);
  }

  /** What the shared storage holds for the session, with its revision. */
  record = (app: App): Promise<string | undefined> => storedText(app.page, this.storage);
}

/** A call that is under way; the page is free for others. `answer` waits for what comes of it. */
export async function begin(app: App, method = 'getAccessToken', options: object = { forceRefresh: true }): Promise<{ answer: () => Promise<Answer<any>> }> {
  await app.page.evaluate(([method, options]) => void ((globalThis as any).under = kit.call('main', method, options)), [method, options] as const);
  return { answer: () => app.page.evaluate(() => (globalThis as any).under) };
}

/** A gate that requests wait at: `came` resolves when the first is there. */
export function gate() {
  let open = () => {};
  let come = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  const came = new Promise<void>((resolve) => (come = resolve));
  const hold = ({ form }: { form: URLSearchParams }) => {
    if (form.get('grant_type') !== 'refresh_token') return undefined;
    come();
    return opened;
  };
  return { open, came, hold };
}

export const test = base.extend<{ storage: Shared; seconds: number; tabs: Tabs }>({
  storage: ['local', { option: true }],
  /** How long access tokens last. */
  seconds: [3600, { option: true }],
  tabs: async ({ context, bareSite, storage, seconds, mayLog }, use) => {
    // Of connections that a test cut.
    mayLog(/Failed to load resource/);
    const client = {
      client_id: 'tabs', client_name: 'Tabs', redirect_uris: [`${bareSite}/cb`], response_types: ['code'],
      grant_types: ['authorization_code', 'refresh_token'], token_endpoint_auth_method: 'none',
    };
    const demo = await start({ port: 0, authPort: 0, accessTokenTTL: seconds, watched: true, clients: [client] });
    const between = await proxy(demo.issuer);
    const tabs = new Tabs(context, bareSite, between, storage);
    demo.events.on('grant.revoked', (_: unknown, grant: string) => tabs.revoked.push(grant));
    await tabs.meet(demo.issuer);
    await use(tabs);
    await between.close();
    await demo.close();
  },
});

export { expect };
