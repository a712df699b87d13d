// Weighs what is shipped, part by part, and fails above the budget: node pack/size.mjs
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { transformSync } from 'esbuild';

/** Brotli bytes that the WebAssembly and all JavaScript may have together: what they have, so that growth is noticed and weighed. */
const BUDGET = 168_700;

const pkg = new URL('../../pkg/', import.meta.url);
const brotli = (bytes) => brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
});
const weigh = (bytes) => [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli(bytes).length];
const row = (part, cells) => console.log(part.padEnd(24) + cells.map((cell) => String(cell).padStart(9)).join(''));

/** Brotli bytes that an adapter may have, with what it shares with others; and what it loads when it asks a user for the first time. */
const ADAPTERS = { 'react.js': 1_900, 'vue.js': 2_090, 'svelte.js': 1_930, 'angular.js': 2_700 };
const DIALOG_BUDGET = 680;

/** A script and what it imports from the start. */
const withImports = (name) => [name, ...[...readFileSync(new URL(name, pkg), 'utf8').matchAll(/from"\.\/(chunk-\w+\.js)"/g)].map(([, other]) => other)];

const isOfAdapters = (name) => name in ADAPTERS || /^(chunk|scope-dialog)-/.test(name);
const all = readdirSync(pkg).filter((name) => /\.(wasm|js)$/.test(name)).sort();
const parts = all.filter((name) => !isOfAdapters(name));
if (!parts.includes('scopewise_bg.wasm')) throw new Error('pkg/ holds no WebAssembly: run `cargo xtask build`');
row('part', ['raw', 'gzip', 'brotli']);
let total = [0, 0, 0];
for (const name of parts) {
  const weight = weigh(readFileSync(new URL(name, pkg)));
  row(name, weight);
  total = total.map((sum, at) => sum + weight[at]);
}
row('total', total);
const source = readFileSync(new URL('../../js/generated/glue.js', import.meta.url), 'utf8');
row("wasm-bindgen's glue alone", weigh(Buffer.from(transformSync(source, { minify: true, format: 'esm' }).code)));
console.log(`total brotli: ${total[2]} bytes, of a budget of ${BUDGET}`);
if (total[2] > BUDGET) {
  console.error(`the package is ${total[2] - BUDGET} bytes over its budget`);
  process.exitCode = 1;
}

for (const name of all.filter(isOfAdapters)) row(name, weigh(readFileSync(new URL(name, pkg))));
const brotliOf = (names) => names.reduce((sum, name) => sum + brotli(readFileSync(new URL(name, pkg))).length, 0);
const within = (what, size, budget) => {
  console.log(`${what} brotli: ${size} bytes, of a budget of ${budget}`);
  if (size > budget) process.exitCode = 1;
};
for (const [name, budget] of Object.entries(ADAPTERS)) within(name, brotliOf(withImports(name)), budget);
within('the dialog', brotliOf(all.filter((name) => name.startsWith('scope-dialog-'))), DIALOG_BUDGET);
// What an application has that uses no framework.
if (readFileSync(new URL('index.js', pkg), 'utf8').includes('./chunk-')) throw new Error('index.js loads what is for the adapters');
