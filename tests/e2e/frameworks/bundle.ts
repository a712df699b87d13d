// The pages of this folder, bundled with the frameworks as applications bundle them.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformAsync } from '@babel/core';
import { build, type Plugin } from 'esbuild';
import { compile, compileModule } from 'svelte/compiler';

export const FRAMEWORKS = ['react', 'react-compiler', 'react18', 'vue', 'svelte'] as const;
/** Angular has a page of its own: its templates are compiled there, and no server renders them. */
export type Framework = (typeof FRAMEWORKS)[number] | 'angular';

const { resolve } = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('.', import.meta.url));
const pkg = fileURLToPath(new URL('../../../pkg/', import.meta.url));

/** The package as it is built. In a page its main entry is fetched from /pkg/, as it is. */
const scopewise = (isServer: boolean): Plugin => ({
  name: 'scopewise',
  setup({ onResolve }) {
    onResolve({ filter: /^scopewise$/ }, () => (isServer ? { path: `${pkg}index.js` } : { path: '/pkg/index.js', external: true }));
    onResolve({ filter: /^scopewise\/(react|vue|svelte)$/ }, ({ path }) => ({ path: `${pkg}${path.slice('scopewise/'.length)}.js` }));
  },
});

const reactCompiler: Plugin = {
  name: 'react-compiler',
  setup({ onLoad }) {
    onLoad({ filter: /-parts\.tsx$/ }, async ({ path }) => {
      const compiled = await transformAsync(await readFile(path, 'utf8'), {
        filename: path, babelrc: false, configFile: false, parserOpts: { plugins: ['jsx', 'typescript'] }, plugins: [['babel-plugin-react-compiler', { panicThreshold: 'all_errors' }]],
      });
      if (!compiled?.code?.includes('react/compiler-runtime')) throw new Error('the React Compiler did nothing');
      return { contents: compiled.code, loader: 'tsx' };
    });
  },
};

const react18: Plugin = {
  name: 'react18',
  setup({ onResolve }) {
    onResolve({ filter: /^react(-dom)?(\/.*)?$/ }, ({ path }) => ({ path: resolve(path.replace(/^react(-dom)?/, 'react$118')) }));
  },
};

const svelte = (generate: 'client' | 'server'): Plugin => ({
  name: 'svelte',
  setup({ onLoad }) {
    const options = { generate, dev: true } as const;
    onLoad({ filter: /\.svelte$/ }, async ({ path }) => ({ contents: compile(await readFile(path, 'utf8'), { ...options, filename: path }).js.code, loader: 'js' }));
    onLoad({ filter: /\.svelte\.js$/ }, async ({ path }) => ({ contents: compileModule(await readFile(path, 'utf8'), { ...options, filename: path }).js.code, loader: 'js' }));
  },
});

async function bundle(framework: Framework, isServer: boolean): Promise<string> {
  const base = framework.replace(/18|-compiler/, '');
  const plugins = [scopewise(isServer), ...(framework === 'react18' ? [react18] : []), ...(framework === 'react-compiler' ? [reactCompiler] : []), svelte(isServer ? 'server' : 'client')];
  const { outputFiles } = await build({
    stdin: { contents: `${isServer ? 'export * from' : 'import'} './pages/${base}${isServer ? '-server' : ''}'`, resolveDir: folder },
    bundle: true, write: false, format: 'esm', target: 'es2022', jsx: 'automatic', logLevel: 'warning', plugins, nodePaths: [fileURLToPath(new URL('../../../node_modules', import.meta.url))],
    platform: isServer ? 'node' : 'browser', conditions: ['svelte', 'development', ...(isServer ? [] : ['browser'])],
    // What is CommonJS of it requires modules of Node's own.
    ...(isServer && { banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" } }),
    define: { 'process.env.NODE_ENV': '"development"', __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true' },
  });
  return outputFiles[0]!.text;
}

const kept = new Map<string, Promise<string>>();

/** The script of a framework's page; bundled once. */
export function scriptOf(framework: Framework): Promise<string> {
  const script = kept.get(framework) ?? bundle(framework, false);
  kept.set(framework, script);
  return script;
}

/** What a server shows first. */
export async function rendered(framework: Framework, props: object): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'scopewise-'));
  try {
    const path = join(place, 'server.mjs');
    await writeFile(path, await bundle(framework, true));
    const { render } = await import(pathToFileURL(path).href);
    return await render(props);
  } finally {
    await rm(place, { recursive: true });
  }
}
