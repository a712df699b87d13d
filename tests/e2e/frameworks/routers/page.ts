// An application with a router, against the scripted server, and what users do there.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from '@playwright/test';
import { expect, test as base } from '../../fixtures.js';
import { listen, type Listening } from '../../listen.js';
import type { ScriptedServer } from '../../server.js';
import { bundle, type Variant } from './bundle.js';
import { serveKit } from './sveltekit.js';

export { expect };

const pkg = fileURLToPath(new URL('../../../../pkg', import.meta.url));

/** Angular's compiler makes functions of text, in the page: applications have their templates compiled before. */
const policyOf = ({ app }: Variant) => `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'${app === 'angular' ? " 'unsafe-eval'" : ''}; style-src 'self' 'unsafe-inline'; img-src data:; connect-src *; base-uri 'self'`;

const document = ({ app, base }: Variant) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${app}</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
${app === 'angular' ? `<base href="${base}">` : ''}<div id="root"></div><script type="module" src="${base}app.js"></script>`;

/** Serves an application in its folder, and nothing outside of it. A hash router has one page, others have one for every path. */
async function serve(variant: Variant): Promise<Listening> {
  const script = bundle(variant);
  return listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.setHeader('cache-control', 'no-cache');
    const send = (type: string, body: string | Buffer) => void response.writeHead(200, { 'content-type': type }).end(body);
    if (pathname.startsWith('/pkg/')) return send(pathname.endsWith('.wasm') ? 'application/wasm' : 'text/javascript', await readFile(join(pkg, pathname.slice(5))));
    if (pathname === `${variant.base}app.js`) return send('text/javascript', await script);
    const isPage = variant.mode === 'hash' ? pathname === variant.base : pathname.startsWith(variant.base);
    if (!isPage) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('not in the application’s folder');
    response.setHeader('content-security-policy', policyOf(variant));
    send('text/html; charset=utf-8', document(variant));
  });
}

/** A user of an application. */
export class User {
  constructor(readonly page: Page, readonly variant: Variant, readonly origin: string, readonly server: ScriptedServer) {}

  /** Where a route is in the address bar. */
  url(route: string): string {
    const { base, mode } = this.variant;
    return `${this.origin}${base}${mode === 'hash' ? `#${route}` : route.slice(1)}`;
  }

  /** A hash router may leave out "#/". */
  isUrl(url: string, route: string): boolean {
    return url === this.url(route) || (route === '/' && url === `${this.origin}${this.variant.base}`);
  }

  at(id: string): Locator {
    return this.page.getByTestId(id);
  }

  async open(route: string): Promise<void> {
    await this.page.goto(this.url(route), { waitUntil: 'commit' });
  }

  click(name: string): Promise<void> {
    return this.page.locator('a, button').filter({ hasText: name }).click();
  }

  /** The user is at a route, and so say the page, the router and the address bar. */
  async isAt(route: string, title: string, status = 'signed-in'): Promise<void> {
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(title);
    await expect(this.at('status')).toHaveText(status);
    // SvelteKit's own word is a URL.
    await expect(this.at('where')).toHaveText(this.variant.app === 'sveltekit' ? this.page.url() : route);
    await expect(this.page).toHaveURL((url) => this.isUrl(url.href, route));
  }

  /** The scopes of each request so far. */
  asked(): (string | null)[] {
    return this.server.asks.map((url) => new URL(url).searchParams.get('scope')).filter((scope) => scope !== null);
  }

  /** Goes back, or forward, through the history. */
  async go(by: number): Promise<void> {
    // Not within the call: the page goes away.
    await this.page.evaluate((by) => void setTimeout(() => history.go(by)), by);
  }
}

interface Fixtures {
  /** Opens nothing yet. */
  userOf: (variant: Variant) => Promise<User>;
}

export const test = base.extend<Fixtures>({
  userOf: async ({ page, server, once }, use) => use(async (variant) => {
    const { origin } = await once(JSON.stringify(variant), () => (variant.app === 'sveltekit' ? serveKit : serve)(variant));
    const options = {
      clientId: 'app', metadata: { ...server.metadata, end_session_endpoint: `${server.issuer}/authorize` },
      redirectUri: variant.mode === 'hash' ? variant.base : `${variant.base}callback`, scope: 'openid read:notes',
    };
    await page.addInitScript((options) => void Object.assign(globalThis, { settings: { options } }), options);
    // A sign-out comes back with its state.
    server.authorize = (url) => {
      const { searchParams } = new URL(url);
      const after = searchParams.get('post_logout_redirect_uri');
      return after ? `${after}?state=${searchParams.get('state')}` : server.approve(url);
    };
    return new User(page, variant, origin, server);
  }),
});
