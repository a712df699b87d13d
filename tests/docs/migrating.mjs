// The tables of docs/migrating: every name that a first column gives to another package is in that package's declarations, and every name
// that a second column gives to scopewise is in pkg/. node docs/migrating.mjs
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './pages.mjs';

const PACKAGES = { 'auth0-spa-js': '@auth0/auth0-spa-js', 'oidc-client-ts': 'oidc-client-ts', 'msal-browser': '@azure/msal-browser' };
/** Declared by a package that theirs stands on. */
const BENEATH = { 'msal-browser': ['@azure/msal-common'] };

/** All declarations of a package, and its scripts' error codes, as one text. */
function declarations(name) {
  const folder = join(root, 'node_modules', name);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => /\.d\.ts$|errors\.ts$/.test(path));
  return files.map((path) => readFileSync(join(folder, path), 'utf8')).join('\n');
}

/** The names in the code of a table's cell that are not declared. */
function undeclared(cell, declared) {
  const code = [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code).join(' ');
  const names = (code.match(/[A-Za-z_]\w{3,}/g) ?? []).filter((name) => !WORDS.has(name));
  count += names.length;
  return names.filter((name) => !new RegExp(`\\b${name}\\b`).test(declared));
}
/** Words of the language, and what the examples above the table call an outcome. */
const WORDS = new Set(['await', 'true', 'false', 'outcome']);
let count = 0;

const own = declarations('../pkg');
for (const [page, name] of Object.entries(PACKAGES)) {
  const theirs = [name, ...BENEATH[page] ?? []].map(declarations).join('\n');
  const text = readFileSync(join(root, `docs/migrating/${page}.md`), 'utf8');
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  assert.ok(text.includes(`${name}\` ${version.split('.', 2).join('.')}.`), `docs/migrating/${page}.md compares with another version than ${version}`);
  for (const row of text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| theirs'))) {
    const [first, second] = row.slice(2).split(' | ');
    assert.deepEqual(undeclared(first, theirs), [], `docs/migrating/${page}.md: ${name} has no such thing`);
    assert.deepEqual(undeclared(second, own), [], `docs/migrating/${page}.md: scopewise has no such thing`);
  }
}
assert.ok(count > 150, `${count} names`);
console.log(`docs/migrating: ${count} names are declared`);
