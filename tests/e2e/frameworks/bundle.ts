// The pages of this folder, bundled with the frameworks as applications bundle them.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { transformAsync } from '@babel/core';
import { build, type Plugin } from 'esbuild';
// @ts-ignore: the demo is plain JavaScript
import { scopewisePlugin, sveltePlugin } from '../../../www/server/frameworks.mjs';

export const FRAMEWORKS = ['react', 'react-compiler', 'react18', 'vue', 'svelte'] as const;
/** Angular has a page of its own: its templates are compiled there, and no server renders them. */
export type Framework = (typeof FRAMEWORKS)[number] | 'angular';

const { resolve } = createRequire(import.meta.url);
const folder = fileURLToPath(new URL('.', import.meta.url));
const pkg = fileURLToPath(new URL('../../../pkg/', import.meta.url));
const adapter = fileURLToPath(new URL('../../../js/react.ts', import.meta.url));

/** The page's components, and the adapter's own: the compiler refuses what breaks the rules of hooks. */
const reactCompiler: Plugin = {
  name: 'react-compiler',
  setup({ onLoad, onResolve }) {
    onResolve({ filter: /^scopewise\/react$/ }, () => ({ path: adapter }));
    onLoad({ filter: /-parts\.tsx$|[/\\]js[/\\]react\.ts$/ }, async ({ path }) => {
      const compiled = await transformAsync(await readFile(path, 'utf8'), {
        filename: path, babelrc: false, configFile: false, parserOpts: { plugins: path.endsWith('x') ? ['jsx', 'typescript'] : ['typescript'] }, plugins: [['babel-plugin-react-compiler', { panicThreshold: 'all_errors' }]],
      });
      if (!compiled?.code?.includes('react/compiler-runtime')) throw new Error('the React Compiler did nothing');
      return { contents: compiled.code, loader: path.endsWith('x') ? 'tsx' : 'ts' };
    });
  },
};

const react18: Plugin = {
  name: 'react18',
  setup({ onResolve }) {
    onResolve({ filter: /^react(-dom)?(\/.*)?$/ }, ({ path }) => ({ path: resolve(path.replace(/^react(-dom)?/, 'react$118')) }));
  },
};

async function bundle(framework: Framework, isServer: boolean): Promise<string> {
  const base = framework.replace(/18|-compiler/, '');
  const plugins = [...(framework === 'react18' ? [react18] : []), ...(framework === 'react-compiler' ? [reactCompiler] : []), scopewisePlugin(pkg, isServer), sveltePlugin({ generate: isServer ? 'server' : 'client', dev: true })];
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

/** The script of a framework's page, or of its server; bundled once. */
export function scriptOf(framework: Framework, isServer = false): Promise<string> {
  const name = `${framework} ${isServer}`;
  const script = kept.get(name) ?? bundle(framework, isServer);
  kept.set(name, script);
  return script;
}

/** What a server shows first. */
export async function rendered(framework: Framework, props: object): Promise<string> {
  const place = await mkdtemp(join(tmpdir(), 'scopewise-'));
  try {
    const path = join(place, 'server.mjs');
    await writeFile(path, await scriptOf(framework, true));
    const { render } = await import(pathToFileURL(path).href);
    return await render(props);
  } finally {
    await rm(place, { recursive: true });
  }
}
