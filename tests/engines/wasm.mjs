// Runs a wasm test binary in one of the engines, as cargo's runner: node tests/engines/wasm.mjs ENGINE BINARY [...]
// RUNNER is the program that does it for Chromium too.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { env, exit } from 'node:process';
import { capabilitiesOf, driverOf, surroundings } from './drivers.mjs';

const [engine, ...rest] = process.argv.slice(2);
const { own, folder, started, close } = await surroundings(engine);
const { path, arguments: args, variable } = driverOf(engine);
const { timeouts, ...capabilities } = capabilitiesOf(engine);
const described = join(folder, 'webdriver.json');
writeFileSync(described, JSON.stringify(capabilities));
const { CHROMEDRIVER: _, GECKODRIVER: __, SAFARIDRIVER: ___, ...others } = own;
const found = { [variable]: path, [`${variable}_ARGS`]: args.join(' '), WASM_BINDGEN_TEST_WEBDRIVER_JSON: described };
const runner = spawn(env.RUNNER, rest, { stdio: 'inherit', env: { ...others, ...found } });
started.push(runner);
const code = await new Promise((resolve) => runner.once('error', (error) => {
  console.error(String(error));
  resolve(1);
}).once('exit', (code) => resolve(code ?? 1)));
await close();
exit(code);
