// Packs the tarball, installs it into small applications, builds each with what applications are built with, and opens it in
// Chromium, where it must get as far as a sign-in's URL; those that render on a server as far as a sign-in and back:
// node pack/setups.mjs [--quick] [NAME ...]
// --quick leaves out those that take long. Each has its dependencies in its own lock file, below setups/, and they are installed
// when it first runs, below target/setups/.
import assert from 'node:assert/strict';
import { packed } from './packed.mjs';
import { prepare, run, start } from './setups/apps.mjs';
import { takeOver } from './setups/hydration.mjs';
import { openPages } from './setups/pages.mjs';
import { SETUPS } from './setups/table.mjs';

/** Where the sign-in's URL must lead, and what it must say. */
function checkUrl(shown, what) {
  const url = URL.canParse(shown) ? new URL(shown) : undefined;
  assert.equal(url?.origin, 'https://id.example', `${what} shows ${shown}`);
  const { response_type, client_id, scope, code_challenge_method } = Object.fromEntries(url.searchParams);
  assert.deepEqual({ response_type, client_id, scope, code_challenge_method }, { response_type: 'code', client_id: 'app', scope: 'openid profile', code_challenge_method: 'S256' }, what);
}

async function check(name, setup, tarball, pages) {
  const folder = prepare(name, setup, tarball);
  for (const command of setup.run ?? []) {
    const { status, output } = run(folder, command);
    assert.equal(status === 0, !command.fails, `${command.args.join(' ')}\n${output}`);
    if (command.says) assert.match(output, command.says);
  }
  for (const { serve, command, visit = [], takesOver = [] } of setup.pages ?? []) {
    const server = await start(folder, serve, command);
    try {
      await takeOver(pages.chrome, server.origin, takesOver);
      for (const { path, says, allows } of visit) {
        const shown = await pages.open(new URL(path, server.origin).href, allows);
        if (says) assert.match(shown, says, `${name} ${path}`);
        else checkUrl(shown, `${name} ${path}`);
      }
    } finally {
      await server.close();
    }
  }
}

const wanted = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const unknown = wanted.filter((name) => !(name in SETUPS));
if (unknown.length > 0) throw new Error(`there is no ${unknown}; there are ${Object.keys(SETUPS).join(', ')}`);
const isQuick = process.argv.includes('--quick');
const chosen = Object.entries(SETUPS).filter(([name, { isSlow }]) => (wanted.length > 0 ? wanted.includes(name) : !isQuick || !isSlow));
const { tarball } = packed();
const pages = await openPages();
let failed = 0;
for (const [name, setup] of chosen) {
  const start = Date.now();
  const failure = await check(name, setup, tarball, pages).catch((error) => error);
  failed += failure ? 1 : 0;
  console.log(`${failure ? 'FAILED' : 'ok'}  ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
  if (failure) console.error(failure.stack ?? failure);
}
await pages.close();
console.log(`${chosen.length - failed} of ${chosen.length} set-ups take the package`);
process.exitCode = failed > 0 ? 1 : 0;
