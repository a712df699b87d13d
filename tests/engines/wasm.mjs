// Runs a wasm test binary in one of the engines, as cargo's runner: node tests/engines/wasm.mjs ENGINE BINARY [...]
// SCOPEWISE_RUNNER is wasm-bindgen's own runner, which finds a driver by its variable.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, exit, kill, platform, stdout } from 'node:process';
import { capabilitiesOf, driverOf, surroundings } from './drivers.mjs';
import { lightBrowser, prepareLightBrowser } from '../chromium.mjs';
import { prepareEngine } from '../programs.mjs';

/** Now and then a browser never loads its first page. Seconds that each attempt may take to get to the tests: the last ones are for machines that have much else to do. */
const PATIENCE = [60, 120, 240, 300];

const [engine, ...rest] = process.argv.slice(2);

/** One attempt: the runner's exit code, and whether the tests began. */
async function run(patience) {
  const { own, folder, started, close } = await surroundings(engine);
  const { path, arguments: args, variable } = driverOf(engine);
  // Some of the tests open popups without a click.
  const capabilities = { ...capabilitiesOf(engine, { blocksPopups: false }), timeouts: { pageLoad: 30_000 } };
  // The whole of Chromium 156 does not load the tests each third time.
  if (engine === 'chromium') capabilities['goog:chromeOptions'].binary = lightBrowser().executablePath;
  const described = join(folder, 'webdriver.json');
  writeFileSync(described, JSON.stringify(capabilities));
  const { CHROMEDRIVER: _, GECKODRIVER: __, SAFARIDRIVER: ___, ...others } = own;
  const found = { [variable]: path, [`${variable}_ARGS`]: args.join(' '), WASM_BINDGEN_TEST_WEBDRIVER_JSON: described };
  const limits = { WASM_BINDGEN_TEST_TIMEOUT: '300', WASM_BINDGEN_TEST_DRIVER_TIMEOUT: '30' };
  const detached = platform !== 'win32';
  const runner = spawn(env.SCOPEWISE_RUNNER, rest, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...limits, ...others, ...found }, detached });
  started.push(runner);
  const end = () => runner.kill();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, end);
  let told = '';
  const hasBegun = () => /^running \d+ test/m.test(told);
  runner.stdout.on('data', (data) => {
    stdout.write(data);
    told += data;
  });
  const late = setTimeout(() => hasBegun() || (detached ? endGroup(runner.pid) : end()), patience * 1000);
  const code = await new Promise((resolve, reject) => runner.once('error', reject).once('close', (code) => resolve(code ?? 1)));
  clearTimeout(late);
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, end);
  if (detached) endGroup(runner.pid);
  await close();
  return { code, hasBegun: hasBegun() };
}

/** Ends what is left of a group: the runner ends its driver at once, which then cannot end the browser. */
function endGroup(pid) {
  try {
    kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

prepareEngine(engine);
if (engine === 'chromium') prepareLightBrowser();
for (const [at, patience] of PATIENCE.entries()) {
  const { code, hasBegun } = await run(patience);
  if (code === 0 || hasBegun || at === PATIENCE.length - 1) exit(code);
  console.log('    the browser did not load the tests; once more');
}
