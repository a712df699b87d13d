// Makes the npm package of the sources here and of what wasm-bindgen left in generated/: node build.mjs [--trap] <folder>
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { declarations } from './declarations.mjs';
import { sbom } from './sbom.mjs';

const isTrap = process.argv.includes('--trap');
const out = process.argv.slice(2).find((arg) => !arg.startsWith('--'));
if (!out) throw new Error('into which folder? node build.mjs [--trap] <folder>');
const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '..');
const generated = join(here, 'generated');
const wasm = join(generated, 'scopewise_bg.wasm');
const target = 'es2022';

/** Components in Svelte's own language, which are shipped as they are. */
const COMPONENTS = ['RequireScope.svelte', 'Runes.svelte', 'ScopeDialog.svelte'];

/** What today's browsers all have and rustc assumes. */
const FEATURES = ['bulk-memory', 'bulk-memory-opt', 'nontrapping-float-to-int', 'sign-ext', 'mutable-globals', 'multivalue', 'reference-types'];

/** Each was weighed after brotli, which likes a repeated call better than inlined code that differs a little each time. */
const PASSES = [
  '-Oz', '--one-caller-inline-max-function-size=25', '--always-inline-max-function-size=6', '--skip-pass=local-cse',
  '--low-memory-unused', '--converge',
];

function tool(name, args) {
  const windows = process.platform === 'win32';
  const path = join(root, 'node_modules/.bin', windows ? `${name}.cmd` : name);
  const { status, stdout } = spawnSync(path, args, { cwd: here, encoding: 'utf8', shell: windows, stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`${name} failed\n${stdout ?? ''}`);
  return stdout;
}

const optimise = (options) => tool('wasm-opt', [...FEATURES.map((name) => `--enable-${name}`), ...options, wasm, '-o', wasm]);

/** What the passes make of the module, or made of the same one before: nobody who changes a script waits for them. */
function shrink() {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/binaryen/package.json'), 'utf8'));
  const key = createHash('sha256').update(JSON.stringify([version, FEATURES, PASSES])).update(readFileSync(wasm)).digest('hex');
  const kept = join(root, 'target/optimised', `${key}.wasm`);
  if (existsSync(kept)) return copyFileSync(kept, wasm);
  optimise(PASSES);
  mkdirSync(join(root, 'target/optimised'), { recursive: true });
  const copy = `${kept}.${process.pid}`;
  copyFileSync(wasm, copy);
  renameSync(copy, kept);
}

/**
 * wasm-bindgen's glue as a function that makes a new one for each instance: what an instance that trapped has left behind
 * (closures, finalizers) can then never call into the next one. Beside the glue it gives the imports of the module and the
 * names of its exports, both of which have short names in the module: the long ones end in hashes, which nothing compresses.
 * Short names say nothing of the version, so it also gives the mark of the module that it is for.
 */
async function glue() {
  const { imports, exports } = JSON.parse(optimise(['--minify-imports-and-exports-and-modules']));
  const modules = [...new Set(imports.map(([module]) => module))];
  const locks = /'(.+\/browser\/lock\.js)'/.exec(readFileSync(join(generated, 'scopewise_bg.js'), 'utf8'))[1];
  const lines = modules.map((module, at) => {
    const names = imports.filter(([of]) => of === module).map(([, name, short]) => `${name} as ${short}${at}`);
    return `import { ${names.join(', ')} } from '${module}';`;
  });
  const given = imports.map(([module, , short]) => `${short}: ${short}${modules.indexOf(module)}`);
  // These exports are the facade's. The glue's other exports are imports of the module.
  const own = /export \{([^}]+)\} from/.exec(readFileSync(join(generated, 'scopewise.js'), 'utf8'))[1];
  const mark = createHash('sha256').update(readFileSync(wasm)).digest('base64').slice(0, 12);
  const entry = join(generated, 'entry.js');
  writeFileSync(entry, `${lines.join('\n')}
import { releaseAll } from '${locks}';
import { ${own}, __wbg_set_wasm } from './scopewise_bg.js';
const imports = { a: { ${given.join(', ')} } };
const names = ${JSON.stringify(Object.fromEntries(exports))};
const mark = '${mark}';
glue = { imports, names, mark, ${own}, releaseAll, __wbg_set_wasm };
`);
  await build({
    entryPoints: [entry], outfile: join(generated, 'glue.js'), bundle: true, target, format: 'esm',
    banner: { js: 'export default function () {\nlet glue;' }, footer: { js: 'return glue;\n}' }, logLevel: 'warning',
  });
  writeFileSync(join(generated, 'glue.d.ts'), `type Glue = typeof import('./scopewise.js') & {
  readonly imports: WebAssembly.Imports;
  /** The short name of each export by its own. */
  readonly names: Readonly<Record<string, string>>;
  /** What the module that it is for has in the custom section "scopewise". */
  readonly mark: string;
  /** Gives back the locks that the module holds. */
  releaseAll(): void;
  __wbg_set_wasm(exports: WebAssembly.Exports): void;
};
export default function (): Glue;
`);
  return mark;
}

/** Puts a mark into the module, as a custom section: its id, its length, and the lengths of the two texts are bytes. */
function sign(mark) {
  const name = 'scopewise';
  appendFileSync(wasm, Buffer.from([0, 1 + name.length + mark.length, name.length, ...Buffer.from(name + mark)]));
}

/** The sources of what the manifest exports: index of "./index.js". */
function entries(manifest) {
  const paths = Object.values(manifest.exports).map((value) => value.default ?? value).filter((path) => path.endsWith('.js'));
  const names = paths.map((path) => path.slice(2, -3));
  return Object.fromEntries(names.map((name) => [name, join(here, `${name}.ts`)]));
}

/** What `require` gets is written by hand. */
function copies(folder) {
  for (const name of ['commonjs.cjs', 'commonjs.d.cts', ...COMPONENTS]) copyFileSync(join(here, name), join(folder, name));
}

/** Checks the types, and writes the declarations that the manifest names. */
function declare(folder, manifest) {
  const emitted = join(generated, 'types');
  rmSync(emitted, { recursive: true, force: true });
  tool('tsc', ['-p', '.', '--noEmit', 'false', '--emitDeclarationOnly', '--outDir', emitted]);
  declarations({ manifest, sources: here, emitted, folder });
}

/** window.js for the scripts that do without WebAssembly: a response goes the same way as in a client. */
function shareWindowScript() {
  writeFileSync(join(generated, 'window.js'), "export * from '../../src/browser/window/window.js';\n");
  tool('tsc', ['--ignoreConfig', '--allowJs', '--declaration', '--emitDeclarationOnly', '--target', target, '--lib', `${target},dom`, '--types', '', '--outDir', generated, join(root, 'src/browser/window/window.js')]);
}

/** The other files of the package as texts, for the entry that has them inside. */
async function inlined(manifest) {
  const { outputFiles: [worker] } = await build({ ...options(manifest), entryPoints: [join(here, 'worker.ts')], minify: true, write: false });
  writeFileSync(join(generated, 'inlined.js'), `export const wasm = '${readFileSync(wasm, 'base64')}';\nexport const worker = ${JSON.stringify(worker.text)};\n`);
}

/** Declared before they are made: the types are checked first. */
const INLINED = `/** scopewise_bg.wasm in base64. */
export declare const wasm: string;
/** The text of worker.js. */
export declare const worker: string;
`;

/** Readable: applications have minifiers, which make the same of it as of minified code, to the last bytes. */
const options = (manifest) => ({
  absWorkingDir: here, bundle: true, format: 'esm', platform: 'neutral', target, legalComments: 'none', charset: 'utf8', logLevel: 'warning',
  // A framework is the application's own.
  external: Object.keys(manifest.peerDependencies).flatMap((name) => [name, `${name}/*`]).concat('*.svelte'),
});

/** Bundles what the manifest exports. The entry with everything inside shares nothing with the others. */
async function bundle(folder, manifest) {
  const { inline, testing, inspector, 'angular-http': angularHttp, ...entryPoints } = entries(manifest);
  // The package for tests shows the glue too, and with it the way to trap.
  if (isTrap) entryPoints.index = join(root, 'tests/e2e/kit/trapping.ts');
  const hash = createHash('sha384').update(readFileSync(wasm)).digest('base64');
  const define = { WASM_INTEGRITY: JSON.stringify(`sha384-${hash}`) };
  await build({ ...options(manifest), entryPoints, outdir: folder, splitting: true, chunkNames: 'shared-[hash]', define });
  // It has what it needs of the adapter from there, which so stays in one file.
  const { external } = options(manifest);
  await build({ ...options(manifest), entryPoints: { 'angular-http': angularHttp }, outdir: folder, external: [...external, './angular.js'] });
  await inlined(manifest);
  const place = { name: 'place', setup: ({ onResolve }) => onResolve({ filter: /^\.\/place\.js$/ }, () => ({ path: join(here, 'place-inline.ts') })) };
  await build({ ...options(manifest), entryPoints: { inline }, outdir: folder, plugins: [place] });
  // By themselves, so that no part of them is in what applications ship. Their errors are those of index.js.
  const index = { name: 'index', setup: ({ onResolve }) => onResolve({ filter: /^\.\.?\/index\.js$/ }, () => ({ path: './index.js', external: true })) };
  await build({ ...options(manifest), entryPoints: { testing, inspector }, outdir: folder, plugins: [index] });
}

/** A bundler of the application must find the WebAssembly, and find it once: two addresses make two copies. */
function checkAddresses(folder) {
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const text = scripts.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const count = (part) => text.split(part).length - 1;
  const addresses = count('new URL("./scopewise_bg.wasm", import.meta.url)');
  // Once more for pages with Trusted Types, whose policy takes text.
  const workers = count('new Worker(new URL("./worker.js", import.meta.url), { type: "module" })') + count('new URL("./worker.js", import.meta.url).href');
  if (addresses !== 1) throw new Error(`the package holds ${addresses} addresses of scopewise_bg.wasm, not one`);
  if (workers !== 2 || count('import.meta') !== addresses + workers) throw new Error('import.meta is used for more than scopewise_bg.wasm and worker.js');
}

/** The manifest without what is about this repository, the list of what the package is made of, and the texts that go with it. */
function papers(folder, whole) {
  const { private: _, scripts, devDependencies, ...manifest } = whole;
  const rustc = execFileSync(process.env.RUSTC ?? 'rustc', ['--version'], { encoding: 'utf8' });
  writeFileSync(join(folder, 'sbom.cdx.json'), `${JSON.stringify(sbom(root, whole, rustc), null, 2)}\n`);
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const name of ['README.md', 'CHANGELOG.md', 'SECURITY.md', 'LICENSE-APACHE', 'LICENSE-MIT']) copyFileSync(join(root, name), join(folder, name));
}

/** The package is put together beside its place: a failed build leaves the last good one. */
const folder = resolve(out);
const staging = `${folder}.new`;
rmSync(staging, { recursive: true, force: true });
mkdirSync(staging, { recursive: true });
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));
const mark = await glue();
// A run of its own: --converge would shorten the names more than once.
if (!isTrap) shrink();
sign(mark);
shareWindowScript();
writeFileSync(join(generated, 'inlined.d.ts'), INLINED);
// The tests do not read those of the package that can be made to trap.
if (!isTrap) declare(staging, manifest);
await bundle(staging, manifest);
checkAddresses(staging);
copies(staging);
papers(staging, manifest);
copyFileSync(wasm, join(staging, 'scopewise_bg.wasm'));
if (existsSync(folder)) rmSync(folder, { recursive: true });
renameSync(staging, folder);
