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
  tanstack: [['createBrowserHistory', 'createHashHistory'], ['basepath: import.meta.env.BASE_URL, ', '']],
  vue: [['createWebHistory', 'createWebHashHistory']],
  angular: [['provideRouter(routes)', 'provideRouter(routes, withHashLocation())'], ['provideRouter, ', 'provideRouter, withHashLocation, ']],
};

/** An application with a hash router: its own file, or the other one with what changes. */
function entry({ app, mode }: Variant): Plugin {
  return {
    name: 'entry',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^router$/ }, () => {
        const own = ['tsx', 'ts'].flatMap((type) => [mode, 'browser'].map((name) => join(folder, app, `${name}.${type}`)));
        return { path: [own[0], own[2], own[1], own[3]].find((path) => existsSync(path!))! };
      });
      // Each has the client by its own framework's adapter.
      onResolve({ filter: /^\.\.?\/auth\.js$/ }, () => ({ path: [app, '.'].map((name) => join(folder, name, 'auth.ts')).find((path) => existsSync(path))! }));
      onLoad({ filter: /[/\\]browser\.tsx?$/ }, async ({ path }) => {
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
    bundle: true, write: false, format: 'esm', target: 'es2022', jsx: 'automatic', logLevel: 'warning', conditions: ['browser', 'development'], plugins: [entry(variant), scopewisePlugin(pkg), vuePlugin],
    define: {
      'process.env.NODE_ENV': '"development"', 'import.meta.env.BASE_URL': JSON.stringify(variant.base),
      __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'true',
    },
  });
  return outputFiles[0]!.text;
}
