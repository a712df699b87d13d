// The applications: their folders, and what is run in them.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { delimiter, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../../target/setups/', import.meta.url));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
const made = [];
// An end from outside is an exit, too.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
process.on('exit', () => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** The folder with a set-up's dependencies as its lock file has them, installed once. */
function installed(name) {
  const lock = join(here, name, 'package-lock.json');
  if (!existsSync(lock)) return join(cache, name);
  const folder = join(cache, `${name}-${createHash('sha256').update(readFileSync(lock)).digest('hex').slice(0, 8)}`);
  if (existsSync(join(folder, 'node_modules'))) return folder;
  const staging = `${folder}.${process.pid}`;
  mkdirSync(staging, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) cpSync(join(here, name, file), join(staging, file));
  execFileSync(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: staging, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
  try {
    renameSync(staging, folder);
  } catch {
    // Another run was faster.
    rmSync(staging, { recursive: true, force: true });
  }
  return folder;
}

/** A folder of this run's own with a set-up's application, and the package among its dependencies. */
export function prepare(name, setup, tarball) {
  const folder = join(installed(name), `run-${process.pid}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  made.push(folder);
  cpSync(join(here, 'shared'), join(folder, setup.shared ?? '.'), { recursive: true });
  if (existsSync(join(here, name))) cpSync(join(here, name), folder, { recursive: true });
  rmSync(join(folder, 'package-lock.json'), { force: true });
  if (setup.isInstalled) {
    // For real, by npm.
    execFileSync(npm, ['install', '--offline', '--no-save', '--no-audit', '--no-fund', '--loglevel=error', tarball], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
    return folder;
  }
  // The package has no dependencies: to install it is to unpack it.
  const place = join(folder, 'node_modules/scopewise');
  mkdirSync(place, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', place]);
  // Some bundlers ask the application's manifest for what it has of their framework.
  const manifest = join(folder, 'package.json');
  if (existsSync(manifest)) {
    const { dependencies, ...rest } = JSON.parse(readFileSync(manifest, 'utf8'));
    writeFileSync(manifest, JSON.stringify({ ...rest, dependencies: { ...dependencies, scopewise: '*' } }));
  }
  return folder;
}

function environment(folder, more = {}) {
  const bin = join(folder, '../node_modules/.bin');
  const quiet = { CI: '1', NEXT_TELEMETRY_DISABLED: '1', NUXT_TELEMETRY_DISABLED: '1', ASTRO_TELEMETRY_DISABLED: '1', NG_CLI_ANALYTICS: 'false', PARCEL_WORKERS: '1', NO_COLOR: '1' };
  return { ...process.env, ...quiet, FORCE_COLOR: undefined, ...more, PATH: `${bin}${delimiter}${process.env.PATH}` };
}

/** Runs a command to its end. */
export function run(folder, { args: [program, ...args], env }) {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: folder, env: environment(folder, env), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: 600_000, shell: process.platform === 'win32',
  });
  return { status, output: `${stdout}${stderr}${error ?? ''}` };
}

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm', '.json': 'application/json' };

/** Serves a folder, or starts a server which prints the address it is at. */
export async function start(folder, serve, command) {
  if (command) return startServer(folder, command);
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://127.0.0.1').pathname));
    const file = join(folder, serve, path.endsWith('/') ? `${path}index.html` : path);
    try {
      const body = readFileSync(file);
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
    } catch {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('there is no such file');
    }
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
  return { origin: `http://127.0.0.1:${server.address().port}`, close };
}

async function startServer(folder, [program, ...args]) {
  const child = spawn(program, args, { cwd: folder, env: environment(folder), stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const close = async () => {
    try {
      // With whatever it started.
      process.kill(-child.pid);
    } catch {
      // It ended by itself.
    }
    await ended;
  };
  const origin = await new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (data) => {
      text += data;
      const found = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(text);
      if (found) resolve(found[0]);
    });
    ended.then(() => reject(new Error(`${program} ended: ${text}`)));
    setTimeout(() => reject(new Error(`${program} names no address: ${text}`)), 120_000).unref();
  }).catch(async (error) => {
    await close();
    throw error;
  });
  return { origin, close };
}
