// The demo from the command line: node www/server.mjs [--port N] [--auth-port M] [--almanac-port L] [--strict] [--open]
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { start } from './server/start.mjs';

const usage = 'Usage: node server.mjs [--port N] [--auth-port M] [--almanac-port L] [--strict] [--open]';

function fail(message) {
  console.error(message);
  process.exit(1);
}

function port(text, name) {
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65535) fail(`--${name} must be a number from 0 to 65535. ${usage}`);
  return Number(text);
}

function options() {
  try {
    const { values } = parseArgs({
      options: { port: { type: 'string' }, 'auth-port': { type: 'string' }, 'almanac-port': { type: 'string' }, strict: { type: 'boolean' }, open: { type: 'boolean' } },
    });
    return {
      port: port(values.port, 'port'),
      authPort: port(values['auth-port'], 'auth-port'),
      almanacPort: port(values['almanac-port'], 'almanac-port'),
      strict: values.strict ?? false,
      open: values.open ?? false,
    };
  } catch (error) {
    return fail(`${error.message} ${usage}`);
  }
}

/** Shows the address in a browser, where there is a screen. It is on the terminal too: not being able to is no matter. */
function show(url) {
  const { env, platform } = process;
  if (env.CI || (platform !== 'win32' && platform !== 'darwin' && !env.DISPLAY && !env.WAYLAND_DISPLAY)) return;
  const [opener, ...args] = { win32: ['cmd', '/C', 'start', ''], darwin: ['open'] }[platform] ?? ['xdg-open'];
  spawn(opener, [...args, url], { stdio: 'ignore', detached: true }).on('error', () => {}).unref();
}

try {
  const { open, ...given } = options();
  const demo = await start({ ...given, log: console.error });
  const stop = () => demo.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  console.log(`\nThe demo is at ${demo.url}\nCtrl-C stops it.\n`);
  if (open) show(demo.url);
} catch (error) {
  fail(error.message);
}
