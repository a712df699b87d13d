// The application that is made with SvelteKit, built and served as its static adapter has it.
import { spawn } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { pid } from 'node:process';
import { fileURLToPath } from 'node:url';
import { listen, type Listening } from '../../listen.js';
import type { Variant } from './bundle.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const pkg = fileURLToPath(new URL('../../../../pkg', import.meta.url));
const vite = fileURLToPath(new URL('../../../node_modules/vite/bin/vite.js', import.meta.url));

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json' };

async function build(folder: string, variant: Variant): Promise<void> {
  await cp(join(here, 'sveltekit'), folder, { recursive: true });
  for (const file of ['allow.ts', 'options.ts']) await cp(join(here, file), join(folder, 'src/lib', file));
  await cp(pkg, join(folder, 'node_modules/scopewise'), { recursive: true });
  const layout = join(folder, 'src/routes/+layout.ts');
  const options = variant.ssr ? 'export const prerender = true;' : variant.mode === 'hash' ? '' : 'export const ssr = false;';
  await writeFile(layout, `${await readFile(layout, 'utf8')}${options}\n`);
  // Its answers come to the one page that there is.
  if (variant.mode === 'hash') await rm(join(folder, 'src/routes/callback'), { recursive: true });
  const child = spawn(process.execPath, [vite, 'build', '--logLevel', 'warn'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, SCOPEWISE_VARIANT: JSON.stringify(variant), NODE_ENV: 'production' } });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
  const status = await new Promise((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`vite build ended with ${status}: ${said}`);
}

/** Builds it, in a folder of this run's own where its modules are found, and serves it. */
export async function serveKit(variant: Variant): Promise<Listening> {
  const folder = join(here, 'generated', `${pid}-${variant.mode}${variant.ssr ? '-ssr' : ''}`);
  await mkdir(folder, { recursive: true });
  const remove = () => rm(folder, { recursive: true, force: true });
  await build(folder, variant).catch(async (error) => {
    await remove();
    throw error;
  });
  const read = async (...names: string[]) => {
    for (const name of names) {
      const body = await readFile(join(folder, 'build', name)).catch(() => undefined);
      if (body) return { body, type: TYPES[extname(name)] ?? 'application/octet-stream' };
    }
    return undefined;
  };
  const { origin, close } = await listen(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const path = pathname.startsWith(variant.base) ? pathname.slice(variant.base.length) : undefined;
    // A hash router has one page; without a page of its own for each path, all others have one for every path.
    const isPage = variant.mode === 'browser' || path === '';
    const file = path === undefined ? undefined : await read(path || 'index.html', `${path}.html`, ...(variant.ssr || !isPage ? [] : ['index.html']));
    if (!file) return void response.writeHead(404, { 'content-type': 'text/plain' }).end('there is no such page');
    response.writeHead(200, { 'content-type': file.type, 'cache-control': 'no-cache' }).end(file.body);
  });
  return {
    origin,
    async close() {
      await close();
      await remove();
    },
  };
}
