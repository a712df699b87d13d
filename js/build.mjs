// Makes the npm package of the sources here and of what wasm-bindgen left in generated/: node build.mjs [--trap] <folder>
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { sbom } from './sbom.mjs';

const isTrap = process.argv.includes('--trap');
const out = process.argv.slice(2).find((arg) => !arg.startsWith('--'));
if (!out) throw new Error('into which folder? node build.mjs [--trap] <folder>');
const here = fileURLToPath(new URL('.', import.meta.url));
const root = resolve(here, '..');
const generated = join(here, 'generated');
const wasm = join(generated, 'scopewise_bg.wasm');
const target = 'es2022';

/** What applications bring: optional peers of the manifest, and the components in Svelte's own language, which are shipped as they are. */
const EXTERNAL = ['@angular/*', 'rxjs', 'react', 'vue', 'svelte', 'svelte/*', '*.svelte'];
const COMPONENTS = ['RequireScope.svelte', 'ScopeDialog.svelte'];

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

/** The entry points that the manifest exports: index of "./index.js". */
function entries(manifest) {
  const paths = Object.values(manifest.exports).map((value) => value.default ?? value).filter((path) => path.endsWith('.js'));
  return Object.fromEntries(paths.map((path) => path.slice(2, -3)).map((name) => [name, join(here, `${name}.ts`)]));
}

/** Checks the types, and writes the declarations that the manifest names, and what they lead to. */
function declare(folder, manifest) {
  const all = join(generated, 'types');
  rmSync(all, { recursive: true, force: true });
  tool('tsc', ['-p', '.', '--noEmit', 'false', '--emitDeclarationOnly', '--outDir', all]);
  const named = Object.values(manifest.exports).map(({ types }) => types).filter((path) => path);
  const wanted = new Set(named.map((path) => path.slice(2, -'.d.ts'.length)));
  for (const name of wanted) {
    const text = readFileSync(join(all, `${name}.d.ts`), 'utf8');
    if (text.includes('./generated/')) throw new Error(`${name}.d.ts names ./generated, which is not in the package`);
    for (const [, other] of text.matchAll(/from '\.\/([\w-]+)\.js'/g)) wanted.add(other);
    copyFileSync(join(all, `${name}.d.ts`), join(folder, `${name}.d.ts`));
  }
}

/** A bundler of the application must find the WebAssembly, and find it once: two addresses make two copies. */
function checkAddresses(folder) {
  const scripts = readdirSync(folder).filter((name) => name.endsWith('.js'));
  const text = scripts.map((name) => readFileSync(join(folder, name), 'utf8')).join('\n');
  const count = (part) => text.split(part).length - 1;
  const addresses = count('new URL("./scopewise_bg.wasm",import.meta.url)');
  // Once more for pages with Trusted Types, whose policy takes text.
  const workers = count('new Worker(new URL("./worker.js",import.meta.url),{type:"module"})') + count('new URL("./worker.js",import.meta.url).href');
  if (addresses !== 1) throw new Error(`the package holds ${addresses} addresses of scopewise_bg.wasm, not one`);
  if (workers !== 2 || count('import.meta.url') !== addresses + workers) throw new Error('import.meta.url is used for more than scopewise_bg.wasm and worker.js');
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
if (!isTrap) optimise(PASSES);
sign(mark);
const entryPoints = entries(manifest);
// The package for tests shows the glue too, and with it the way to trap.
if (isTrap) entryPoints.index = join(root, 'tests/e2e/kit/trapping.ts');
declare(staging, manifest);
const hash = createHash('sha384').update(readFileSync(wasm)).digest('base64');
await build({
  entryPoints, outdir: staging, bundle: true, splitting: true, minify: true, format: 'esm', platform: 'neutral', target,
  legalComments: 'none', logLevel: 'warning', external: EXTERNAL, define: { WASM_INTEGRITY: JSON.stringify(`sha384-${hash}`) },
});
checkAddresses(staging);
papers(staging, manifest);
copyFileSync(wasm, join(staging, 'scopewise_bg.wasm'));
for (const name of COMPONENTS) copyFileSync(join(here, name), join(staging, name));
if (existsSync(folder)) rmSync(folder, { recursive: true });
renameSync(staging, folder);
