// Scripts for a page that has the package at /pkg/, as the bare site does.
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

export const fromPackage: Plugin = {
  name: 'package',
  setup: ({ onResolve }) => void onResolve({ filter: /^scopewise(\/testing)?$/ }, ({ path }) => ({ path: `/pkg/${path === 'scopewise' ? 'index' : 'testing'}.js`, external: true })),
};

/** A script of tests/testing. */
export async function bundled(path: string): Promise<string> {
  const entry = fileURLToPath(new URL(`../../testing/${path}`, import.meta.url));
  const { outputFiles } = await build({ entryPoints: [entry], bundle: true, write: false, format: 'esm', target: 'es2022', plugins: [fromPackage], logLevel: 'warning' });
  return outputFiles[0]!.text;
}
