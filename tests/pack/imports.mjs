// That every subpath can be imported anywhere, and touches nothing until it is used: node pack/imports.mjs
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const pkg = new URL('../../pkg/', import.meta.url);

/** What some environments lack, and others only let in later. */
const GLOBALS = [
  'AbortController', 'AbortSignal', 'Blob', 'BroadcastChannel', 'EventTarget', 'FinalizationRegistry', 'Headers', 'MessageChannel', 'Request', 'Response',
  'TextDecoder', 'TextEncoder', 'URL', 'URLSearchParams', 'WebAssembly', 'Worker', 'addEventListener', 'atob', 'btoa', 'caches', 'crypto', 'fetch', 'history',
  'indexedDB', 'localStorage', 'location', 'navigator', 'performance', 'sessionStorage', 'setTimeout',
];
/** What is there besides: nothing in Node, and what tells others apart from it. */
const SCOPES = {
  node: {},
  bun: { Bun: { version: '1.3.0' } },
  worker: { self: {}, WorkerGlobalScope: class {}, importScripts: {} },
  page: { window: {}, document: {} },
};

/** Runs in a process of its own: imports, lets all that waits have its turn, and prints what was touched. */
async function visit(url, globals, names) {
  const touched = [];
  for (const name of names) Object.defineProperty(globalThis, name, { value: {}, configurable: true });
  const before = new Set(Object.getOwnPropertyNames(globalThis));
  const { log } = console;
  const { setImmediate: later } = globalThis;
  for (const name of globals) {
    const get = () => {
      touched.push(name);
      throw new Error(`${name} is touched`);
    };
    Object.defineProperty(globalThis, name, { get, configurable: true });
  }
  const exported = Object.keys(await import(url));
  await new Promise((resolve) => later(resolve));
  const added = Object.getOwnPropertyNames(globalThis).filter((name) => !before.has(name) && !globals.includes(name));
  log(JSON.stringify({ exported, touched, added }));
}

const { exports } = JSON.parse(readFileSync(new URL('package.json', pkg), 'utf8'));
// worker.js is started, not imported; frameworks are not installed here, and import theirs.
const subpaths = Object.entries(exports).filter(([subpath, { default: path }]) => path?.endsWith('.js') && subpath !== './worker.js');
const peers = Object.keys(JSON.parse(readFileSync(new URL('package.json', pkg), 'utf8')).peerDependencies ?? {});
let count = 0;
for (const [subpath, { default: path }] of subpaths) {
  const url = new URL(path, pkg);
  const text = readFileSync(url, 'utf8');
  if (peers.some((peer) => text.includes(`from "${peer}`))) continue;
  for (const [scope, names] of Object.entries(SCOPES)) {
    const script = `(${visit})(${JSON.stringify(url.href)}, ${JSON.stringify(GLOBALS)}, ${JSON.stringify(Object.keys(names))})`;
    const { exported, touched, added } = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', timeout: 60_000 }));
    assert.ok(exported.length > 0, subpath);
    assert.deepEqual(added, [], `${subpath} leaves globals`);
    // In a page the WebAssembly is on its way early: the one thing that an import begins, and that may fail.
    const isEarly = scope === 'page' && ['.', './testing'].includes(subpath);
    assert.deepEqual(touched, isEarly ? ['URL'] : [], `${subpath} in a scope like that of ${scope}`);
    count += 1;
  }
}
assert.ok(count >= 4 * Object.keys(SCOPES).length);
console.log(`${count} imports touched nothing of their surroundings (${fileURLToPath(pkg)})`);
