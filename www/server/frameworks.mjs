// Bundles the pages that are made with a framework, when they are first asked for: as an application's own build would.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { compile, compileModule } from 'svelte/compiler';
import { compileScript, parse } from 'vue/compiler-sfc';
import { angularPlugin, kept } from './angular.mjs';

/** Their scripts by path, each with what it is made of. */
const SOURCES = { '/react/app.js': 'react/app.jsx', '/vue/app.js': 'vue/main.js', '/svelte/app.js': 'svelte/main.js', '/angular/app.js': 'angular/app.ts' };

const PAGES = fileURLToPath(new URL('../pages/', import.meta.url));
/** What the diary with Angular and its compilation are made of. */
const ANGULAR = ['../pages/angular/app.ts', '../pages/diary/diary.mjs', '../pages/diary/diary.d.mts', './angular.mjs', './frameworks.mjs'].map((path) => fileURLToPath(new URL(path, import.meta.url)));
const MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** The package as it is built. In a page its main entry is fetched from /pkg/, beside its WebAssembly. */
export const scopewisePlugin = (packageDir, isServer = false) => ({
  name: 'scopewise',
  setup({ onResolve }) {
    onResolve({ filter: /^scopewise$/ }, () => (isServer ? { path: join(packageDir, 'index.js') } : { path: '/pkg/index.js', external: true }));
    onResolve({ filter: /^scopewise\/(react|vue|svelte|angular(\/http)?)$/ }, ({ path }) => ({ path: join(packageDir, `${path.slice('scopewise/'.length).replace('/', '-')}.js`) }));
  },
});

export const sveltePlugin = (options = {}) => ({
  name: 'svelte',
  setup({ onLoad }) {
    const compiled = (by) => async ({ path }) => ({ contents: by(await readFile(path, 'utf8'), { ...options, filename: path }).js.code, loader: 'js' });
    onLoad({ filter: /\.svelte$/ }, compiled(compile));
    onLoad({ filter: /\.svelte\.js$/ }, compiled(compileModule));
  },
});

export const vuePlugin = {
  name: 'vue',
  setup({ onLoad }) {
    onLoad({ filter: /\.vue$/ }, async ({ path }) => {
      const { descriptor } = parse(await readFile(path, 'utf8'), { filename: path });
      return { contents: compileScript(descriptor, { id: path, inlineTemplate: true }).content, loader: 'ts' };
    });
  },
};

export function frameworks(packageDir, log) {
  const scripts = new Map();
  const bundle = async (source) => {
    const { outputFiles } = await build({
      entryPoints: [join(PAGES, source)], bundle: true, write: false, format: 'esm', target: 'es2022', minify: true, jsx: 'automatic', logLevel: 'warning',
      // Where the package is in another folder, the frameworks are found all the same.
      nodePaths: [MODULES], conditions: ['svelte', 'browser', 'production'], plugins: [scopewisePlugin(packageDir), sveltePlugin(), vuePlugin, angularPlugin(packageDir)],
      define: { 'process.env.NODE_ENV': '"production"', ngDevMode: 'false', ngJitMode: 'false', ngI18nClosureMode: 'false', __VUE_OPTIONS_API__: 'false', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
    });
    return outputFiles[0].text;
  };
  /** Angular's compiler takes its time. */
  const made = (source) => (source === 'angular/app.ts' ? kept('angular', { files: ANGULAR, packageDir, log }, () => bundle(source)) : bundle(source));
  /** The script at a path, or null where none is made. */
  return async (pathname) => {
    const source = Object.hasOwn(SOURCES, pathname) && SOURCES[pathname];
    if (!source) return null;
    const script = scripts.get(pathname) ?? made(source);
    scripts.set(pathname, script);
    return script;
  };
}
