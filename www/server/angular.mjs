// Compiles what is made with Angular ahead of time, as Angular's own builder does: no template is compiled in the page, whose policy forbids it.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const KEPT = fileURLToPath(new URL('../../target/demo', import.meta.url));

/** Compiles one TypeScript file, with its templates, and checks its types. Resolves to the text of the module. */
async function compiled(path, packageDir) {
  const { createCompilerHost, formatDiagnostics, performCompilation } = await import('@angular/compiler-cli');
  const options = {
    target: 9, module: 99, moduleResolution: 100, // ES2022, ESNext, Bundler
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'], types: [], strict: true, strictTemplates: true, skipLibCheck: true,
    paths: { scopewise: [join(packageDir, 'index.d.ts')], 'scopewise/angular': [join(packageDir, 'angular.d.ts')] },
  };
  let text;
  const host = createCompilerHost({ options });
  host.writeFile = (name, written) => {
    if (basename(name) === basename(path).replace(/ts$/, 'js')) text = written;
  };
  const { diagnostics } = performCompilation({ rootNames: [path], options, host });
  if (diagnostics.length > 0 || text === undefined) throw new Error(formatDiagnostics(diagnostics));
  return text;
}

/** What of Angular's packages is compiled in part is finished for this version of the compiler. */
async function linked(path) {
  const text = await readFile(path, 'utf8');
  if (!text.includes('ɵɵngDeclare')) return text;
  const [{ transformAsync }, { createEs2015LinkerPlugin }, { NodeJSFileSystem, ConsoleLogger, LogLevel }] = await Promise.all([
    import('@babel/core'), import('@angular/compiler-cli/linker/babel'), import('@angular/compiler-cli'),
  ]);
  const linker = createEs2015LinkerPlugin({ fileSystem: new NodeJSFileSystem(), logger: new ConsoleLogger(LogLevel.warn), linkerJitMode: false });
  const { code } = await transformAsync(text, { filename: path, configFile: false, babelrc: false, compact: false, plugins: [linker] });
  return code;
}

/** For esbuild. */
export const angularPlugin = (packageDir) => ({
  name: 'angular',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\]pages[/\\]angular[/\\].+\.ts$/ }, async ({ path }) => ({ contents: await compiled(path, packageDir), loader: 'js', resolveDir: dirname(path) }));
    onLoad({ filter: /[/\\]@angular[/\\].+\.mjs$/ }, async ({ path }) => ({ contents: await linked(path), loader: 'js' }));
  },
});

/** Makes a script, or takes the one of the last time, which is kept in target/: compiling takes seconds. `files` are what it is made of besides the package and what is installed. */
export async function kept(name, { files, packageDir, log }, make) {
  const hash = createHash('sha256');
  const ofPackage = existsSync(packageDir) ? readdirSync(packageDir).filter((file) => /\.(js|d\.ts)$/.test(file)).sort().map((file) => join(packageDir, file)) : [];
  const installed = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
  for (const path of [...files, ...ofPackage, installed]) hash.update(readFileSync(path)).update('\0');
  const path = join(KEPT, `${name}-${hash.digest('hex').slice(0, 16)}.js`);
  if (existsSync(path)) return readFile(path, 'utf8');
  log('Compiling the diary that is made with Angular, once: it is kept in target/demo.');
  const began = performance.now();
  const text = await make();
  mkdirSync(KEPT, { recursive: true });
  // Beside others that make the same: whoever reads finds all of it or nothing.
  const staging = `${path}.${process.pid}`;
  writeFileSync(staging, text);
  renameSync(staging, path);
  log(`It is compiled: ${((performance.now() - began) / 1000).toFixed(1)} s.`);
  return text;
}
