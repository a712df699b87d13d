import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { nodeResolve } from '@rollup/plugin-node-resolve';

/** Rollup leaves alone what new URL('…', import.meta.url) names: the file is put beside the script. */
const copyWasm = {
  name: 'copy-wasm',
  generateBundle() {
    const source = readFileSync(fileURLToPath(import.meta.resolve('scopewise/scopewise_bg.wasm')));
    this.emitFile({ type: 'asset', fileName: 'scopewise_bg.wasm', source });
  },
};
const page = {
  name: 'page',
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'index.html', source: readFileSync('index.html') });
  },
};
const built = (input, folder, ...plugins) => ({ input, output: { file: `dist/${folder}/app.js`, format: 'es' }, plugins: [nodeResolve(), page, ...plugins] });

export default [built('app.js', 'copied', copyWasm), built('app.js', 'bare'), built('inline.js', 'inline')];
