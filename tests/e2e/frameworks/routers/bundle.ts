// The applications of this folder, bundled as applications bundle them.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';
// @ts-ignore: the demo is plain JavaScript
import { scopewisePlugin, vuePlugin } from '../../../../www/server/frameworks.mjs';

/** An application, how it keeps its routes in the address bar, and the folder that it is served in. */
export interface Variant {
  readonly app: 'react' | 'tanstack' | 'vue' | 'angular' | 'sveltekit';
  readonly mode: 'browser' | 'hash';
  readonly base: string;
  /** Pages come from a server with what they show. */
  readonly ssr?: boolean;
}

const folder = fileURLToPath(new URL('.', import.meta.url));
const pkg = fileURLToPath(new URL('../../../../pkg/', import.meta.url));

/** What docs/frameworks/routers.md says to write for a hash router. */
const FOR_HASH: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  react: [['createBrowserRouter', 'createHashRouter'], [', { basename: import.meta.env.BASE_URL }', ''], ['allow(pathname + search, scope)', 'allow(`#${pathname}${search}`, scope)']],
  tanstack: [['createBrowserHistory', 'createHashHistory'], ['basepath: import.meta.env.BASE_URL, ', '']],
  vue: [['createWebHistory', 'createWebHashHistory']],
  angular: [['provideRouter(routes)', 'provideRouter(routes, withHashLocation())'], ['provideRouter, ', 'provideRouter, withHashLocation, ']],
};

const first = (paths: string[]): string => paths.find((path) => existsSync(path))!;

/** Finds an application's files, and makes its routes for a hash router. */
function filesOf({ app, mode }: Variant): Plugin {
  return {
    name: 'files',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^router$/ }, () => ({ path: first(['router.tsx', 'router.ts'].map((name) => join(folder, app, name))) }));
      // What is not the application's own is the same for all.
      onResolve({ filter: /^\.\/(allow|auth|options)\.js$/ }, ({ path }) => ({ path: first([app, '.'].map((place) => join(folder, place, path.replace(/js$/, 'ts')))) }));
      onLoad({ filter: /[/\\]router\.tsx?$/ }, async ({ path }) => {
        let contents = await readFile(path, 'utf8');
        for (const [from, to] of mode === 'hash' ? FOR_HASH[app]! : []) {
          if (!contents.includes(from)) throw new Error(`${path} has no ${from}`);
          contents = contents.replaceAll(from, to);
        }
        return { contents, loader: path.endsWith('x') ? 'tsx' : 'ts' };
      });
    },
  };
}

export async function bundle(variant: Variant): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: `import { show } from './${variant.app}/show'; import { router } from 'router'; await show(router);`, resolveDir: folder },
    bundle: true, write: false, format: 'esm', target: 'es2022', jsx: 'automatic', logLevel: 'warning', conditions: ['browser', 'development'], plugins: [filesOf(variant), scopewisePlugin(pkg), vuePlugin],
    define: {
      'process.env.NODE_ENV': '"development"', 'import.meta.env.BASE_URL': JSON.stringify(variant.base),
      __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true',
    },
  });
  return outputFiles[0]!.text;
}
