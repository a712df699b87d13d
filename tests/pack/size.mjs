// Weighs what an application ships of each subpath, and fails above the budget: node pack/size.mjs
// The modules of the package are readable; what counts is what an application's bundler and minifier make of them, where it uses all that an entry
// exports. Frameworks are external, and what is loaded when it is needed weighs by itself.
import { readFileSync, readdirSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { build, transformSync } from 'esbuild';
import { sveltePlugin } from '../../www/server/frameworks.mjs';

/** Brotli bytes that each may have, with what it loads: what it has, so that growth is noticed and weighed. */
const BUDGETS = { './react': 1_990, './vue': 2_190, './svelte': 1_990, './angular': 2_150, './angular/http': 1_320, '.': 175_300, './inline': 214_900, './relay': 1_000 };
/** Files that an entry loads. */
const LOADED = { '.': ['worker.js', 'scopewise_bg.wasm'] };

const pkg = new URL('../../pkg/', import.meta.url);
const brotli = (bytes) => brotliCompressSync(bytes, {
  params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 22, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
});
const weigh = (bytes) => [bytes.length, gzipSync(bytes, { level: 9 }).length, brotli(bytes).length];
const row = (part, cells) => console.log(part.padEnd(28) + cells.map((cell) => String(cell).padStart(9)).join(''));

const { exports, peerDependencies = {} } = JSON.parse(readFileSync(new URL('package.json', pkg), 'utf8'));
const external = Object.keys(peerDependencies).flatMap((name) => [name, `${name}/*`]);
/** What is loaded when it is needed weighs by itself. */
const later = { name: 'later', setup: ({ onResolve }) => onResolve({ filter: /./ }, ({ path, kind }) => (kind === 'dynamic-import' ? { path, external: true } : null)) };
const svelteApart = { name: 'svelte-apart', setup: ({ onResolve }) => onResolve({ filter: /\.svelte$/ }, ({ path }) => ({ path, external: true })) };
const minified = async (path, plugins = [svelteApart]) => Buffer.from((await build({
  entryPoints: [fileURLToPath(new URL(path, pkg))], bundle: true, minify: true, write: false, format: 'esm', target: 'es2022', charset: 'utf8', external, logLevel: 'error', plugins: [later, ...plugins],
})).outputFiles[0].contents);
const shipped = (path) => (path.endsWith('.js') ? minified(path) : readFileSync(new URL(path, pkg)));

row('minified', ['raw', 'gzip', 'brotli']);
let isOver = false;
for (const [subpath, { default: path }] of Object.entries(exports)) {
  if (!path?.endsWith('.js') || LOADED['.'].includes(path.slice(2))) continue;
  const parts = [path, ...(LOADED[subpath] ?? [])];
  const weights = (await Promise.all(parts.map(shipped))).map(weigh);
  parts.forEach((part, at) => row(`  ${part}`, weights[at]));
  const total = weights.reduce((sum, weight) => sum.map((value, at) => value + weight[at]));
  const budget = BUDGETS[subpath];
  row(subpath, [...total, ...(budget ? [`  of a budget of ${budget}`] : [])]);
  if (budget && total[2] > budget) {
    console.error(`${subpath} is ${total[2] - budget} bytes over its budget`);
    isOver = true;
  }
}
// What the adapters load when a page first has something to ask: the dialog, and "Not now".
const [, asking] = /import\("\.\/(shared-\w+\.js)"\)/.exec(readdirSync(pkg).filter((name) => name.endsWith('.js')).map((name) => readFileSync(new URL(name, pkg), 'utf8')).join('\n'));
row('what asks', weigh(await minified(asking)));
// Svelte's components are shipped as they are written: this is the entry with what their compiler makes of them.
row('./svelte with components', weigh(await minified('./svelte.js', [sveltePlugin()])));
// A page without a bundler loads them as they are.
for (const path of ['index.js', 'relay.js']) row(`${path} as it is`, weigh(readFileSync(new URL(path, pkg))));
const source = readFileSync(new URL('../../js/generated/glue.js', import.meta.url), 'utf8');
row("wasm-bindgen's glue alone", weigh(Buffer.from(transformSync(source, { minify: true, format: 'esm' }).code)));
process.exitCode = isOver ? 1 : 0;
