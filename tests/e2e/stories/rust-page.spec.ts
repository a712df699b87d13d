// The page in Rust of examples/yew, on its own origin: what a Rust program does with the crate, against a real provider.
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
// @ts-ignore: the demo is plain JavaScript
import { start } from '../../../www/server/start.mjs';
import { expect, test as base, type Demo } from '../fixtures.js';
import { listen } from '../listen.js';
import { allow, choose, expectClean, popupOf } from './people.js';

const READ = 'read:appointments';
const WRITE = 'write:appointments';

const file = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const BUILT = file('target/rust-page');
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** The page's origin, and its authorization server. */
interface RustPage {
  readonly url: string;
  readonly demo: Demo;
}

/** index.html as Trunk would make it. */
async function indexPage(issuer: string): Promise<string> {
  const html = await readFile(file('examples/yew/index.html'), 'utf8');
  const script = `<meta name="resource" content="urn:scopewise-demo:calendar">
    <script type="module">import start from '/scopewise-yew.js'; await start({ module_or_path: '/scopewise-yew_bg.wasm' });</script>`;
  return html.replace('https://id.example.com', issuer).replace('my-app', 'rust-app').replace('<link data-trunk rel="rust">', script);
}

async function startRustPage(): Promise<RustPage & { close(): Promise<void> }> {
  let demo: Demo & { close(): Promise<void> };
  const site = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.setHeader('cache-control', 'no-store');
    if (pathname === '/') return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(await indexPage(demo.issuer));
    if (pathname.startsWith('/api/')) {
      // The page's own back end, which hands the token on.
      const answer = await fetch(`${demo.api}${pathname.slice(4)}`, { headers: { authorization: request.headers.authorization ?? '' } });
      return void response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
    }
    const body = /^[\w./-]+$/.test(pathname) && !pathname.includes('..') ? await readFile(`${BUILT}${pathname}`).catch(() => undefined) : undefined;
    if (!body) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': TYPES[extname(pathname)] ?? 'application/octet-stream' }).end(body);
  });
  const url = `${site.origin}/`;
  demo = await start({
    port: 0,
    authPort: 0,
    clients: [{
      client_id: 'rust-app', client_name: 'A page in Rust', redirect_uris: [url], post_logout_redirect_uris: [url],
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none',
    }],
  });
  return {
    url,
    demo,
    close: async () => {
      await demo.close();
      await site.close();
    },
  };
}

const test = base.extend<{ rustPage: RustPage }>({
  rustPage: async ({ once }, use) => use(await once('a page in Rust', startRustPage)),
});

async function signIn(page: Page, { url }: RustPage): Promise<void> {
  await page.goto(url);
  await page.getByTestId('sign-in').click();
  await choose(page, 'ada');
  await allow(page);
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
}

const granted = (page: Page) => page.getByTestId('granted').locator('li');

test('a Rust program signs in, shows what was granted, and calls an API with the token', async ({ page, rustPage }) => {
  await signIn(page, rustPage);
  expectClean(page, '/');
  await expect(granted(page)).toHaveText(['openid', 'profile', READ]);
  await expect(page.getByTestId('write')).toHaveAttribute('data-status', 'not-requested');
  await page.getByTestId('load').click();
  await expect(page.getByTestId('appointments')).toContainText('"title"');
  await page.reload();
  await expect(page.getByTestId('user-name')).toHaveText('Ada Lovelace');
  await page.getByTestId('sign-out').click();
  await expect(page.getByTestId('sign-in')).toBeVisible();
});

test('a Rust program asks for more in a popup: a no stays a no, and a yes is there at once', async ({ page, rustPage }) => {
  await signIn(page, rustPage);
  const refused = await popupOf(page, page.getByTestId('upgrade'));
  await refused.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toHaveText('denied');
  await expect(page.getByTestId('write')).toHaveAttribute('data-status', 'denied');
  await expect(granted(page)).toHaveText(['openid', 'profile', READ]);

  await allow(await popupOf(page, page.getByTestId('upgrade')));
  await expect(page.getByTestId('notice')).toHaveText('granted');
  await expect(page.getByTestId('write')).toHaveAttribute('data-status', 'granted');
  await expect(page.getByTestId('upgrade')).toHaveCount(0);
  await expect(granted(page)).toHaveText(['openid', 'profile', READ, WRITE]);
  expectClean(page, '/');
});

test('a Rust program says what came of a sign-in that was refused', async ({ page, rustPage }) => {
  await page.goto(rustPage.url);
  await page.getByTestId('sign-in').click();
  await page.getByTestId('cancel').click();
  await expect(page.getByTestId('notice')).toHaveText('access_denied');
  expectClean(page, '/');
});

test('a Rust program has nothing of what the npm package exports', async () => {
  const exported = /^export class (\w+)/m;
  expect(exported.exec(await readFile(file('js/generated/scopewise_bg.js'), 'utf8'))?.[1]).toBe('Client');
  expect(await readFile(`${BUILT}/scopewise-yew.js`, 'utf8')).not.toMatch(exported);
  const module = await WebAssembly.compile(await readFile(`${BUILT}/scopewise-yew_bg.wasm`));
  const names = WebAssembly.Module.exports(module).map(({ name }) => name);
  expect(names.filter((name) => /client/i.test(name))).toEqual([]);
});
