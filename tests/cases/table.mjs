// What became of each case, and of each module of the OpenID Foundation's relying party tests that a test is named
// after, told by the tests themselves: `cargo xtask` leaves what the runners said in target/test-results.
// With arguments the whole table, else only what did not pass. Exits with 1 where anything did not.
import { readFileSync, readdirSync } from 'node:fs';

const results = new URL('../../target/test-results/', import.meta.url);
const read = (name) => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));

/** All tests that ran: their names, and whether each passed. One that was skipped has not run. */
function tests() {
  const texts = readdirSync(results).map((file) => [file, readFileSync(new URL(file, results), 'utf8')]);
  return texts.flatMap(([file, text]) => (file.endsWith('.json') ? ofPlaywright(JSON.parse(text)) : ofRust(text)));
}

/** `test callback::c005_the_same_callback ... ok`, from cargo and from wasm-bindgen's runner. */
function ofRust(text) {
  const lines = text.matchAll(/^test (\S+)(?: - .+)? \.\.\. (ok|FAILED|FAIL)\b/gm);
  return Array.from(lines, ([, path, result]) => ({ name: path.split('::').at(-1), passed: result === 'ok' }));
}

function ofPlaywright({ suites = [], specs = [] }) {
  const ran = specs.filter(({ tests }) => tests.some(({ status }) => status !== 'skipped'));
  const passed = ({ tests }) => tests.every(({ status }) => status === 'expected' || status === 'skipped');
  return [...ran.map((spec) => ({ name: spec.title, passed: passed(spec) })), ...suites.flatMap(ofPlaywright)];
}

/** The ids in a test's name: `c022_c024_…`, `C005 C006 …`. */
const ids = (name) => Array.from(name.matchAll(/(?<![A-Za-z0-9])c(\d{3})(?![A-Za-z0-9])/gi), ([, id]) => `C${id}`);

/** A row of the table: what a case or module came to, and by which tests. */
function row(id, all, excuse) {
  const failed = all.filter((test) => !test.passed);
  const [result, named] =
    failed.length > 0 ? ['failed', failed] : all.length > 0 ? ['passed', all] : [excuse ? 'excused' : 'no test', []];
  const others = named.length > 2 ? ` and ${named.length - 2} more` : '';
  const by = excuse ?? named.slice(0, 2).map(({ name }) => name).join('; ') + others;
  // Nothing is excused that there is a test for.
  return { id, by, result: excuse && result === 'passed' ? 'has a test and an excuse' : result };
}

function show(what, rows, whole) {
  const good = rows.filter(({ result }) => result === 'passed' || result === 'excused');
  const shown = whole ? rows : rows.filter((one) => !good.includes(one));
  for (const { id, by, result } of shown) console.log(`${id} | ${result} | ${by}`);
  const excused = good.filter(({ result }) => result === 'excused').length;
  console.log(`${what}: ${good.length - excused} of ${rows.length} passed${excused > 0 ? `, ${excused} excused` : ''}`);
  return good.length === rows.length;
}

const ran = tests();
const cases = read('cases.json').sections.flatMap((section) => section.cases);
const byId = new Map();
for (const test of ran) for (const id of ids(test.name)) byId.set(id, [...(byId.get(id) ?? []), test]);
const modules = read('modules.json').plans.flatMap((plan) => plan.modules);
const whole = process.argv.length > 2;
const strangers = [...byId.keys()].filter((id) => !cases.some((one) => one.id === id));
for (const id of strangers) console.log(`${id} | there is no such case | ${byId.get(id)[0].name}`);
const good = [
  show('cases', cases.map(({ id, excuse }) => row(id, byId.get(id) ?? [], excuse)), whole),
  show('modules', modules.map(({ name }) => row(name, ran.filter((test) => test.name === name.replaceAll(/[-.]/g, '_')))), whole),
];
process.exitCode = good.every(Boolean) && strangers.length === 0 ? 0 : 1;
