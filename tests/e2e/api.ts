// A scripted API on an origin of its own: it answers as a test says, tells the page what CORS lets it tell, and counts.
import type { IncomingHttpHeaders } from 'node:http';
import type { BrowserContext, Page } from '@playwright/test';
import { App, type Answer, type More } from './app.js';
import { test as base } from './fixtures.js';
import { listen } from './listen.js';

export interface Called {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string;
}

/** An answer that asks for something. */
export const refusal = (challenge: string | string[], status = 403): Reply => ({ status, headers: { 'www-authenticate': challenge }, body: 'no' });

export const insufficient = (scope: string): Reply => refusal(`Bearer error="insufficient_scope", scope="${scope}"`);

export async function scriptedApi() {
  const received: Called[] = [];
  const api = {
    origin: '',
    received,
    /** Whether pages may read what it asks for. */
    exposes: true,
    answer: ((_called: Called) => ({ body: 'done' })) as (called: Called) => Reply | Promise<Reply>,
    /** The tokens that came, in their order. */
    tokens: () => received.map(({ headers }) => headers.authorization?.replace('Bearer ', '')),
    close: () => listening.close(),
  };
  const listening = await listen(async (request, response) => {
    response.setHeader('access-control-allow-origin', '*');
    if (api.exposes) response.setHeader('access-control-expose-headers', 'WWW-Authenticate, DPoP-Nonce');
    if (request.method === 'OPTIONS') {
      const allowed = { 'access-control-allow-headers': 'authorization, dpop, content-type, x-trace', 'access-control-allow-methods': 'GET, POST, PUT' };
      return void response.writeHead(204, allowed).end();
    }
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const called = { method: request.method ?? '', path: request.url ?? '', headers: request.headers, body };
    received.push(called);
    const reply = await api.answer(called);
    for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
    response.writeHead(reply.status ?? 200).end(reply.body);
  });
  api.origin = listening.origin;
  return api;
}

export type ScriptedApi = Awaited<ReturnType<typeof scriptedApi>>;

/** `api` is for the client to trust; of `stranger` it knows nothing. */
export const test = base.extend<{ api: ScriptedApi; stranger: ScriptedApi; quiet: void }>({
  api: async ({}, use) => {
    const api = await scriptedApi();
    await use(api);
    await api.close();
  },
  stranger: async ({}, use) => {
    const api = await scriptedApi();
    await use(api);
    await api.close();
  },
  // Browsers log every refusal.
  quiet: [async ({ mayLog }, use) => {
    mayLog(/Failed to load resource/);
    await use();
  }, { auto: true }],
});

export interface Seen {
  readonly status: number;
  readonly body: string;
}

/** Calls the client's `fetch`. */
export function call(app: App, url: string, init: object = {}): Promise<Answer<Seen>> {
  return app.page.evaluate(([name, url, init]) => kit.settle(async () => {
    const response = await kit.clients[name].fetch(url, init);
    return { status: response.status, body: await response.text() };
  }), [app.name, url, init] as const);
}

/** A user who is signed in, with a client that trusts the API. */
export async function signedIn(app: App, apis: More['apis'], more: More = {}): Promise<void> {
  await app.open({ scope: 'openid read:x', apis, ...more });
  await app.signIn();
}

/** What popups are asked for. Each one comes back to the page that opened it, as the authorization server sends it. */
export function popups(context: BrowserContext, app: App): string[] {
  const asked: string[] = [];
  const { server } = app;
  const authorize = server.authorize;
  server.authorize = (url, headers) => {
    asked.push(url);
    return authorize(url, headers);
  };
  context.on('page', (popup: Page) => {
    const back = new App(popup, app.origin, server);
    const come = async () => {
      await popup.waitForURL((url) => url.pathname === '/cb');
      await back.open();
      await back.call('handleCallback');
    };
    // It is closed in the middle of its call.
    come().catch(() => undefined);
  });
  return asked;
}

/** One parameter of each authorization request. */
export const parameter = (asked: string[], name: string) => asked.map((url) => new URL(url).searchParams.get(name));
