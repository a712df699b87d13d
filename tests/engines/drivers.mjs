// Starts what drives a browser: its WebDriver, in a folder of its own that goes with it, and a display where it needs one.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { ARGS } from '../chromium.mjs';
import { program } from '../programs.mjs';

const PATIENCE = 60_000;

/** What a driver is started with besides its port: `arguments`, and the variables by which wasm-bindgen-test-runner finds it. */
export function driverOf(engine) {
  const path = program({ chromium: 'CHROMEDRIVER', firefox: 'GECKODRIVER', webkit: 'SCOPEWISE_WEBKIT_DRIVER' }[engine]);
  // A port of Firefox's that is not asked for by two at once.
  if (engine === 'firefox') return { path, arguments: ['--binary', program('SCOPEWISE_FIREFOX'), '--websocket-port', '0'], variable: 'GECKODRIVER' };
  // It knows no other by this name; Safari's is called in the same way.
  return { path, arguments: [], variable: engine === 'webkit' ? 'SAFARIDRIVER' : 'CHROMEDRIVER' };
}

/**
 * What a browser is asked to be.
 *
 * @param {object} [wants]
 * @param {boolean} [wants.isPrivate] a private window; WebKitGTK's automated ones always are
 * @param {boolean} [wants.blocksCookies] of other sites, in frames; WebKitGTK's driver has no way to
 * @param {boolean} [wants.blocksPopups] those that no click asked for, as users have it; WebKitGTK always does
 */
export function capabilitiesOf(engine, { isPrivate = false, blocksCookies = false, blocksPopups = true } = {}) {
  const timeouts = { script: 300_000, pageLoad: 300_000 };
  switch (engine) {
    case 'chromium': {
      const args = [...ARGS, ...(isPrivate ? ['--incognito'] : [])];
      const prefs = blocksCookies ? { 'profile.cookie_controls_mode': 1, 'profile.block_third_party_cookies': true } : {};
      // As users have it, and not as its driver would: it keeps pages for the back button.
      const excludeSwitches = ['disable-back-forward-cache', ...(blocksPopups ? ['disable-popup-blocking'] : [])];
      return { timeouts, 'goog:chromeOptions': { binary: program('SCOPEWISE_CHROMIUM'), args, prefs, excludeSwitches } };
    }
    case 'firefox': {
      // What is clicked in a page's first moments counts: users are not that fast.
      const prefs = {
        'dom.disable_open_during_load': blocksPopups, 'dom.input_events.security.minNumTicks': 0, 'dom.input_events.security.minTimeElapsedInMS': 0,
        // What the browser itself would ask the world for ends at a closed port of this machine.
        'network.proxy.type': 1, 'network.proxy.http': '127.0.0.1', 'network.proxy.http_port': 9, 'network.proxy.ssl': '127.0.0.1', 'network.proxy.ssl_port': 9,
        'network.proxy.no_proxies_on': '127.0.0.1, localhost',
        'browser.privatebrowsing.autostart': isPrivate, ...(blocksCookies && { 'network.cookie.cookieBehavior': 1 }),
      };
      return { timeouts, 'moz:firefoxOptions': { binary: program('SCOPEWISE_FIREFOX'), args: ['-headless'], prefs } };
    }
    default:
      return { timeouts, 'webkitgtk:browserOptions': { args: ['--automation'] } };
  }
}

/** A folder for what a browser writes, a display, and the environment that says both. */
export async function surroundings(engine) {
  const folder = mkdtempSync(join(tmpdir(), 'scopewise-engine-'));
  const started = [];
  const close = async () => {
    for (const child of started.reverse()) await stop(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  };
  const home = Object.fromEntries(['XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'XDG_DATA_HOME', 'TMPDIR', 'HOME'].map((name) => [name, folder]));
  const own = { ...env, ...home };
  if (engine !== 'webkit') return { own, folder, started, close };
  // It has no headless mode. The X server chooses the number of its display.
  const server = spawn(program('SCOPEWISE_XVFB'), ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  started.push(server);
  const display = await new Promise((resolve, reject) => {
    server.once('error', reject).once('exit', () => reject(new Error('Xvfb ended')));
    server.stdio[3].once('data', (data) => resolve(String(data).trim()));
  }).catch(async (error) => {
    await close();
    throw error;
  });
  return { own: { ...own, DISPLAY: `:${display}` }, folder, started, close };
}

/** A driver that answers: its URL. */
export async function startDriver(engine) {
  const { own, started, close } = await surroundings(engine);
  const { path, arguments: args } = driverOf(engine);
  const port = await freePort();
  const child = spawn(path, [...args, `--port=${port}`], { env: own, stdio: ['ignore', 'ignore', 'ignore'] });
  started.push(child);
  let ended;
  child.once('error', (error) => (ended = error)).once('exit', (code) => (ended ??= new Error(`${path} ended (${code})`)));
  const url = `http://127.0.0.1:${port}`;
  const end = Date.now() + PATIENCE;
  for (;;) {
    const status = await fetch(`${url}/status`).catch(() => undefined);
    if (status?.ok) return { url, close };
    if (ended || Date.now() > end) {
      await close();
      throw ended ?? new Error(`${path} does not answer`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const freePort = () => new Promise((resolve, reject) => {
  const server = createServer();
  server.once('error', reject).listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => resolve(port));
  });
});

/** Ends a program that was started here. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await gone;
  clearTimeout(timer);
}
