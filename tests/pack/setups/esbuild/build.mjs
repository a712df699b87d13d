import { copyFileSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const built = async (entry, folder, options = {}) => {
  mkdirSync(`dist/${folder}`, { recursive: true });
  copyFileSync('index.html', `dist/${folder}/index.html`);
  const { warnings } = await build({ entryPoints: [entry], outfile: `dist/${folder}/app.js`, bundle: true, minify: true, format: 'esm', target: 'es2022', ...options });
  if (warnings.length > 0) throw new Error(warnings[0].text);
};
await built('app.js', 'bare');
await built('app.js', 'copied');
// esbuild leaves alone what new URL('…', import.meta.url) names: the file is put beside the script.
copyFileSync(fileURLToPath(import.meta.resolve('scopewise/scopewise_bg.wasm')), 'dist/copied/scopewise_bg.wasm');
await built('inline.js', 'inline');
await built('registers.js', 'service-worker');
// A classic script: `import.meta` would be no syntax there.
await built('service-worker.js', 'service-worker', { outfile: 'dist/service-worker/service-worker.js', format: 'iife' });
