// The applications: a page for every client, each with its module bundled and compressed the way applications ship them.
import { readFile, readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { listen } from '../e2e/listen.js';
import { CLIENTS, type ClientName } from './clients.js';

const PACKAGE = fileURLToPath(new URL('../../pkg', import.meta.url));
const MODULES = fileURLToPath(new URL('clients', import.meta.url));
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

export interface Site {
  readonly origin: string;
  /** What pages open their clients with, by client. */
  readonly settings: Map<ClientName, object>;
  /** Bytes that a client's page loads for it, compressed. */
  bytes(client: ClientName): number;
  close(): Promise<void>;
}

/** The clock can be set ahead, so that tokens run out when the benchmark wants them to. */
const page = (name: string, settings: object, script: string) => `<!doctype html><meta charset="utf-8"><title>${name}</title><link rel="icon" href="data:,">
<script>
globalThis.bench = { began: performance.now(), settings: ${JSON.stringify(settings)}, ahead: 0 };
// A client that is to share its session with other tabs does so on every page.
bench.settings.shared = 'shared' in localStorage;
bench.open = async () => {
  const began = performance.now();
  const { open } = await import('/lib/${name}.js');
  bench.client = await open(bench.settings);
  return performance.now() - began;
};
globalThis.Date = class extends Date {
  constructor(...given) { given.length ? super(...given) : super(Date.now()); }
  static now() { return super.now() + bench.ahead * 1000; }
};
</script>
<button>Sign in</button>
${script}`;

const callback = (name: string) => `<script type="module">
import { open } from '/lib/${name}.js';
bench.done = (async () => {
  bench.client = await open(bench.settings);
  await bench.client.callback();
  if (!(await bench.client.token())) throw new Error('no token');
  return performance.now() - bench.began;
})();
bench.done.catch(() => {});
</script>`;

export async function site(): Promise<Site> {
  const files = await bundles();
  const settings = new Map<ClientName, object>();
  // Another site than the authorization server's, which is at an address.
  const { origin: address, close } = await listen((request, response) => {
    const [, folder = '', name = ''] = new URL(request.url ?? '/', 'http://127.0.0.1').pathname.split('/');
    if (folder === 'lib') return file(response, name, files.get(name));
    const given = settings.get(name as ClientName) ?? {};
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
    response.end(page(name, given, folder === 'cb' ? callback(name) : ''));
  });
  const origin = address.replace('127.0.0.1', 'localhost');
  const bytes = (client: ClientName) => [...files].filter(([name]) => name === `${client}.js` || (client === 'scopewise' && name.endsWith('.wasm')))
    .reduce((sum, [, body]) => sum + body.length, 0);
  return { origin, settings, bytes, close };
}

function file(response: ServerResponse, name: string, body: Buffer | undefined): void {
  if (!body) return void response.writeHead(404).end();
  const type = TYPES[extname(name)] ?? 'application/octet-stream';
  response.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip', 'cache-control': 'public, max-age=31536000, immutable' }).end(body);
}

/** By name: one module for each client, and what the package loads beside its own. */
async function bundles(): Promise<Map<string, Buffer>> {
  const built = await build({
    entryPoints: CLIENTS.map((name) => join(MODULES, `${name}.mjs`)),
    outdir: 'lib', write: false, bundle: true, minify: true, format: 'esm', target: 'es2022', platform: 'browser',
    alias: { scopewise: join(PACKAGE, 'index.js') },
  });
  const files = new Map<string, Buffer>();
  for (const name of await readdir(PACKAGE)) {
    if (/\.(js|wasm)$/.test(name)) files.set(name, gzipSync(await readFile(join(PACKAGE, name)), { level: 9 }));
  }
  for (const { path, contents } of built.outputFiles) files.set(path.split(/[/\\]/).at(-1)!, gzipSync(contents, { level: 9 }));
  return files;
}
