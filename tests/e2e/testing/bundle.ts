// A script of tests/testing for a page of the bare site: it finds the package there.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export async function bundled(path: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../../testing/${path}`, import.meta.url))], bundle: true, write: false, format: 'esm', target: 'es2022', logLevel: 'warning',
    plugins: [{
      name: 'package',
      setup: ({ onResolve }) => void onResolve({ filter: /^scopewise(\/testing)?$/ }, ({ path }) => ({ path: `/pkg/${path === 'scopewise' ? 'index' : 'testing'}.js`, external: true })),
    }],
  });
  return outputFiles[0]!.text;
}
