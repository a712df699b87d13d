// Builds the fuzzer and runs its targets, one after another: node fuzz/run.mjs [target] [--short | -- what libFuzzer takes]
// --short: a fixed number of executions of each, the same ones each time. Without it, many, into target/fuzz/corpus.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const out = fileURLToPath(new URL('../../target/fuzz/', import.meta.url));
/** Executions of each target: of a short run, and of a long one. Sequences take a thousand times as long as the others. */
const RUNS = { short: { sequences: 300, others: 30_000 }, long: { sequences: 1_000_000, others: 20_000_000 } };
const COVERAGE = ['level=4', 'inline-8bit-counters', 'pc-table', 'trace-compares'].map((what) => `-Cllvm-args=-sanitizer-coverage-${what}`);

const args = process.argv.slice(2);
const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
const extra = args.slice(own.length + 1);
const isShort = own.includes('--short');
const all = [...readFileSync(`${here}src/main.rs`, 'utf8').matchAll(/^ {4}\("(\w+)", \w+::target\),$/gm)].map(([, name]) => name);
const named = own.filter((arg) => arg !== '--short');
const unknown = named.find((name) => !all.includes(name));
if (unknown || all.length === 0) throw new Error(`there is no target ${unknown}; there are ${all.join(', ')}`);

const program = process.env.CARGO ?? 'cargo';

function cargo(...command) {
  const env = { ...process.env, CARGO_TARGET_DIR: out, RUSTFLAGS: ['-Cpasses=sancov-module', ...COVERAGE, '--cfg fuzzing'].join(' ') };
  // What the cargo that runs us has set for its own build.
  for (const name of ['CARGO_ENCODED_RUSTFLAGS', 'RUSTC', 'CARGO_BUILD_TARGET']) delete env[name];
  const { status } = spawnSync(program, command, { cwd: here, env, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) process.exit(1);
}

// libFuzzer is compiled here, too.
const compiler = process.env.CXX ?? 'c++';
if (spawnSync(compiler, ['--version']).status !== 0) throw new Error(`the fuzzer needs a C++ compiler, and ${compiler} does not run: install g++ or clang`);

const host = /^host: (.+)$/m.exec(spawnSync(program, ['-vV'], { encoding: 'utf8' }).stdout)[1];
cargo('fmt', '--check');
// With a target, build scripts and macros are built without the coverage.
cargo('build', '--release', '--locked', '--quiet', '--target', host);

/** Runs a target, and says what it came to. Only the last part of what libFuzzer says matters where something fails. */
async function run(target) {
  // What is found that is new goes into the first folder. A short run begins each time with what is in the repository.
  const found = `${out}corpus/${isShort ? 'short' : target}`;
  if (isShort) rmSync(found, { recursive: true, force: true });
  for (const folder of [found, `${out}findings`]) mkdirSync(folder, { recursive: true });
  const runs = RUNS[isShort ? 'short' : 'long'];
  const options = [`-runs=${runs[target] ?? runs.others}`, '-max_len=4096', '-timeout=20', '-print_final_stats=1', `-dict=${here}words.dict`, `-artifact_prefix=${out}findings/${target}-`];
  if (isShort) options.push('-seed=1', '-verbosity=0');
  const child = spawn(`${out}${host}/release/scopewise-fuzz`, [...options, ...extra, found, `${here}corpus/${target}`], {
    cwd: out, env: { ...process.env, FUZZ_TARGET: target }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  let tail = '';
  child.stderr.on('data', (data) => {
    tail = (tail + data).slice(-20_000);
    // Progress of a long run, in the places where libFuzzer gives it.
    if (!isShort) for (const [line] of String(data).matchAll(/^#\d+\s+pulse .*$/gm)) console.log(`${target}: ${line}`);
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  const count = /number_of_executed_units: (\d+)/.exec(tail)?.[1];
  console.log(`${target}: ${code === 0 ? `${count} executions, nothing found` : 'FAILED'}`);
  if (code !== 0) console.log(tail);
  return code === 0;
}

const results = [];
for (const target of named.length > 0 ? named : all) results.push(await run(target));
const failed = results.filter((passed) => !passed).length;
console.log(`test result: ${failed ? 'FAILED' : 'ok'}. ${results.length - failed} passed; ${failed} failed`);
if (failed > 0) process.exitCode = 1;
