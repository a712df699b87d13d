// The app and the Playwright tests of docs/testing.md, as they stand there.
import { execFile } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
// @ts-ignore: plain JavaScript
import { writeDocs } from '../../testing/docs.mjs';
import { expect, test } from '../fixtures.js';
import { listen } from '../listen.js';
import { fromPackage } from './bundle.js';

const pkg = fileURLToPath(new URL('../../../pkg', import.meta.url));
const playwright = fileURLToPath(new URL('../../../node_modules/.bin/playwright', import.meta.url));
const page = (script: string) => `<!doctype html><html lang="en"><title>App</title><link rel="icon" href="data:,"><body><script type="module" src="/${script}.js"></script>`;

test('the recipe for Playwright works', async ({}, { project }) => {
  const { folder } = writeDocs(`testing-app-${process.pid}`) as { folder: string };
  const scripts = new Map<string, string>();
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'app/main.tsx'), join(folder, 'app/fake-sign-in.ts')], bundle: true, splitting: true, write: false, outdir: folder, format: 'esm', target: 'es2022',
    jsx: 'automatic', define: { 'import.meta.env.MODE': '"test"' }, plugins: [fromPackage], logLevel: 'warning',
  });
  for (const { path, text } of outputFiles) scripts.set(path.slice(folder.length), text);
  const site = await listen(async ({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://127.0.0.1');
    const script = pathname.startsWith('/pkg/') ? await readFile(join(pkg, pathname.slice('/pkg/'.length))) : scripts.get(pathname);
    response.setHeader('content-type', script === undefined ? 'text/html' : extname(pathname) === '.wasm' ? 'application/wasm' : 'text/javascript');
    response.end(script ?? page(pathname === '/fake-sign-in.html' ? 'fake-sign-in' : 'main'));
  });
  try {
    const use = { ...project.use, headless: true };
    await writeFile(join(folder, 'here.config.ts'), `import docs from './playwright.config';\nexport default { ...docs, outputDir: 'results', workers: 1, use: { ...docs.use, ...${JSON.stringify(use)} } };\n`);
    // The report of these tests is another one's.
    const { PLAYWRIGHT_JSON_OUTPUT_FILE: _, ...others } = process.env;
    const env = { ...others, APP_URL: site.origin };
    const child = promisify(execFile)(playwright, ['test', '-c', 'here.config.ts', '--reporter=json'], { cwd: folder, env, encoding: 'utf8' });
    child.child.stdin?.end();
    const { stdout } = await child.catch((failure: { stdout: string }) => failure);
    const { stats, errors } = JSON.parse(stdout);
    expect(errors).toEqual([]);
    expect(stats, stdout.slice(-4000)).toMatchObject({ expected: 3, unexpected: 0, flaky: 0, skipped: 0 });
  } finally {
    await site.close();
    await rm(folder, { recursive: true, force: true });
  }
});
