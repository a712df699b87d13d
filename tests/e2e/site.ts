// A bare site: an empty page at every path, and the built package under /pkg/ (under /trap/ and /plain/ other ones).
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listen, type Listening } from './listen.js';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const FOLDERS: Readonly<Record<string, string>> = { pkg: folder('../../pkg'), trap: folder('../../target/pkg-trap'), plain: folder('../../target/pkg-plain'), kit: folder('kit') };
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

const page = (entry: string) => `<!doctype html><meta charset="utf-8"><title>Test page</title><link rel="icon" href="data:,">
<script type="importmap">{"imports":{"scopewise":"/${entry}"}}</script><script type="module" src="/kit/kit.mjs"></script>`;

/** What is at the redirect URI where that has no client. */
const RELAY = `<!doctype html><meta charset="utf-8"><title>Relay</title><link rel="icon" href="data:,"><script type="module">
import { relay } from '/pkg/relay.js';
await relay(globalThis.relayOptions).then(() => { document.title = 'Left alone'; }, (error) => { document.title = String(error); });</script>`;

/** A page that asks silently by itself, with the options that sessionStorage has, and has not loaded before it is answered: its fragment says what. */
const ASKING = `<!doctype html><meta charset="utf-8"><title>Asking</title><link rel="icon" href="data:,"><script type="module">
import { createClient } from '/pkg/index.js';
const client = await createClient(JSON.parse(sessionStorage.getItem('asking')));
const came = await client.signIn({ mode: 'silent' }).then(({ outcome }) => outcome, ({ code }) => code);
location.replace('#' + came + '.' + performance.timeOrigin);
await fetch('/held/go');</script><img src="/held/image" alt="">`;

const PAGES: Readonly<Record<string, string>> = { relay: RELAY, asking: ASKING };

/** Some pages are special by the folder they are in. */
const HEADERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // No WebAssembly.
  strict: { 'content-security-policy': "script-src 'self' 'unsafe-inline'" },
  // No tie to windows of other origins.
  alone: { 'cross-origin-opener-policy': 'same-origin' },
  // May be kept for the back button.
  kept: { 'cache-control': 'max-age=60' },
  // No frame of another origin that does not ask for it.
  isolated: { 'cross-origin-embedder-policy': 'require-corp' },
  // Nor a tie to other windows: `crossOriginIsolated`.
  secluded: { 'cross-origin-embedder-policy': 'require-corp', 'cross-origin-opener-policy': 'same-origin' },
  // An origin of its own, which has no storage.
  sandboxed: { 'content-security-policy': 'sandbox allow-scripts' },
};

/** Pages under these folders use another entry: of the package that can be made to trap, of the plain one, and the one with everything inside. */
const ENTRIES: Readonly<Record<string, string>> = { trapping: 'trap/index.js', plainly: 'plain/index.js', inlined: 'pkg/inline.js' };

export function site(): Promise<Listening> {
  /** What pages wait for. */
  const held: ServerResponse[] = [];
  return listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    response.setHeader('cache-control', 'no-store');
    // Scripts are for pages without an origin too, and a service worker among them for all pages.
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('service-worker-allowed', '/');
    const [, first = '', name = ''] = pathname.split('/');
    const from = FOLDERS[first];
    if (from && /^[\w.-]+$/.test(name)) {
      const body = await readFile(join(from, name)).catch(() => undefined);
      if (!body) return void response.writeHead(404).end();
      // What the worker needs of the policy that it is served with.
      if (name === 'worker.js') response.setHeader('content-security-policy', "default-src 'none'; connect-src *; require-trusted-types-for 'script'; trusted-types 'none'");
      return void response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? 'application/octet-stream' }).end(body);
    }
    if (first === 'held') {
      held.push(response);
      return name === 'go' ? held.splice(0).forEach((one) => one.end()) : undefined;
    }
    for (const [header, value] of Object.entries(HEADERS[first] ?? {})) response.setHeader(header, value);
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGES[first] ?? page(ENTRIES[first] ?? 'pkg/index.js'));
  });
}
