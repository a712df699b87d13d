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

const parts = readdirSync(pkg).filter((name) => /\.(wasm|js)$/.test(name)).sort();
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
