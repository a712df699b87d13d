// The demo from the command line: node www/server.mjs [--port N] [--auth-port M] [--strict]
import { parseArgs } from 'node:util';
import { start } from './server/start.mjs';

const usage = 'Usage: node server.mjs [--port N] [--auth-port M] [--strict]';

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
      options: { port: { type: 'string' }, 'auth-port': { type: 'string' }, strict: { type: 'boolean' } },
    });
    return {
      port: port(values.port, 'port'),
      authPort: port(values['auth-port'], 'auth-port'),
      strict: values.strict ?? false,
    };
  } catch (error) {
    return fail(`${error.message} ${usage}`);
  }
}

try {
  const demo = await start({ ...options(), log: console.error });
  const stop = () => demo.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  const { url, issuer, api } = demo;
  console.log(`ready ${JSON.stringify({ url, issuer, api })}`);
} catch (error) {
  fail(error.message);
}
