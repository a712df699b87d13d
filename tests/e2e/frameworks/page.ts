// A page made with a framework, against the scripted server, and what users do there.
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Locator, Page } from '@playwright/test';
import { expect, test as base } from '../fixtures.js';
import { listen, type Listening } from '../listen.js';
import type { ScriptedServer } from '../server.js';
import { rendered, scriptOf, type Framework } from './bundle.js';
import type { Settings } from './pages/settings.js';

export { expect };

const pkg = fileURLToPath(new URL('../../../pkg', import.meta.url));

/** Strict, but for the policies that Vue and Svelte make for templates of their own. */
const POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; connect-src *; require-trusted-types-for 'script'; trusted-types vue svelte-trusted-html";

/** Angular's compiler makes functions of text, in the page: applications have their templates compiled before. */
const COMPILING_POLICY = "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src data:; connect-src *";

export const SCOPES = {
  'write:x': { title: 'Create appointments', why: 'to save what you enter', locales: { de: { title: 'Termine anlegen', why: 'um zu sichern, was du einträgst' } } },
  'pay:x': { title: 'Pay', why: 'to pay for what you book', sensitive: true },
};

export type More = Partial<Omit<Settings, 'options'>> & { options?: object };

/** An application that is made with a framework. */
export class Made {
  constructor(readonly page: Page, readonly framework: Framework, readonly origin: string, readonly server: ScriptedServer, readonly part = '#first') {}

  /** The second application on the page. */
  get second(): Made {
    return new Made(this.page, this.framework, this.origin, this.server, '#second');
  }

  at(id: string): Locator {
    return this.page.locator(this.part).getByTestId(id);
  }

  options(more: object = {}): Settings['options'] {
    return { clientId: 'app', metadata: this.server.metadata, redirectUri: '/cb', scope: 'openid read:x', scopes: SCOPES, ...more } as unknown as Settings['options'];
  }

  async open({ options, ...more }: More = {}): Promise<this> {
    const settings: Settings = { base: ['openid', 'read:x'], ...more, options: this.options(options) };
    // What the page does not show is what its server does not show either.
    const { options: _, other: __, hydrates, ...props } = settings;
    const html = hydrates ? await rendered(this.framework, props) : '';
    await this.page.context().addInitScript((settings) => void ((globalThis as any).settings = settings), settings);
    if (hydrates) await this.page.route(`${this.origin}/html`, (route) => route.fulfill({ contentType: 'text/html', headers: { 'content-security-policy': POLICY }, body: document(this.framework, html) }));
    await this.page.goto(`${this.origin}/${hydrates ? 'html' : this.framework}`);
    return this;
  }

  /** Signs in by popup. */
  async signIn(): Promise<this> {
    await this.at('sign-in').click();
    await expect(this.at('status')).toHaveText('signed-in');
    return this;
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }

  /** The scopes of each request so far. */
  asked(): string[] {
    return this.server.asks.map((url) => new URL(url).searchParams.get('scope') ?? '');
  }

  /** What of the application a storage of the page has besides the client's own. */
  putOff(area: 'session' | 'local'): Promise<string[]> {
    return this.page.evaluate((area) => Object.keys(area === 'local' ? localStorage : sessionStorage).filter((key) => key.startsWith('scopewise-not-now')), area);
  }
}

const document = (framework: string, html = '') => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Made with ${framework}</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css"><main><div id="first">${html}</div><div id="second"></div></main><script type="module" src="/${framework}.js"></script>`;

/** The paths of the package's shared files that export these names. */
export async function sharedFiles(names: readonly string[]): Promise<string[]> {
  const files = (await readdir(pkg)).filter((name) => name.startsWith('shared-'));
  const texts = await Promise.all(files.map((name) => readFile(join(pkg, name), 'utf8')));
  return names.map((name) => `/pkg/${files[texts.findIndex((text) => new RegExp(`export \\{[^}]*\\b${name}\\b`).test(text))]}`);
}

/** The application's pages, for each framework. */
const serve = (): Promise<Listening> => listen(async (request, response) => {
  const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
  const [, first = '', name = ''] = pathname.split('/');
  // Asked for each time; with "no-store" no browser would keep the page for its back button.
  response.setHeader('cache-control', 'no-cache');
  const send = (type: string, body: string | Buffer) => void response.writeHead(200, { 'content-type': type }).end(body);
  if (first === 'pkg') return send(name.endsWith('.wasm') ? 'application/wasm' : 'text/javascript', await readFile(join(pkg, name)));
  if (first.endsWith('.js')) return send('text/javascript', await scriptOf(first.slice(0, -3) as Framework));
  if (first === 'page.css') return send('text/css', ':root { color-scheme: light dark; font-family: sans-serif; }');
  if (first === 'api' && name === 'cut') return void response.writeHead(200, { 'content-length': 99 }).write('cut', () => setTimeout(() => response.destroy(), 50));
  if (first === 'api') return send('text/plain', `called with ${request.headers.authorization}`);
  // The redirect URI is a page of the same application, and so are its routes.
  const framework = ['cb', 'inbox', 'members'].includes(first) ? /framework=([\w-]+)/.exec(request.headers.cookie ?? '')![1]! : first;
  response.setHeader('content-security-policy', framework === 'angular' ? COMPILING_POLICY : POLICY);
  response.setHeader('set-cookie', `framework=${framework}; path=/`);
  send('text/html; charset=utf-8', document(framework));
});

export const test = base.extend<{ site: string; made: (framework: Framework) => Made }>({
  site: async ({ once }, use) => use((await once('framework pages', serve)).origin),

  made: async ({ page, site, server }, use) => use((framework) => new Made(page, framework, site, server)),
});
