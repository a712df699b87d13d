// Holds the tarball that npm would publish against what is expected of it: node pack/manifest.mjs [--renew]
// Its list of files and each of its declarations are in golden/, so that a change shows in review; --renew writes them anew.
// publint and "are the types wrong" say whether every subpath can be resolved, and to what.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { checkPackage, createPackageFromTarballData } from '@arethetypeswrong/core';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { packed } from './packed.mjs';

const pkg = new URL('../../pkg/', import.meta.url);
const golden = new URL('golden/', import.meta.url);
const isRenewing = process.argv.includes('--renew');

function compare(name, text) {
  const place = new URL(name, golden);
  if (isRenewing) return writeFileSync(place, text);
  let expected = '';
  try {
    expected = readFileSync(place, 'utf8');
  } catch {
    // It is new.
  }
  assert.equal(text, expected, `pkg/ and tests/pack/golden/${name} differ. If the change is meant: npm run renew -w tests`);
}

const { tarball, files } = packed();
mkdirSync(golden, { recursive: true });
compare('files.txt', `${files.map((name) => name.replace(/^shared-\w+\.js$/, 'shared-*.js')).sort().join('\n')}\n`);
const declarations = files.filter((name) => name.endsWith('.d.ts'));
for (const name of declarations) compare(name, readFileSync(new URL(name, pkg), 'utf8'));
assert.deepEqual(readdirSync(golden).sort(), ['files.txt', ...declarations].sort(), 'golden/ has files that the package lacks');

const manifest = JSON.parse(readFileSync(new URL('package.json', pkg), 'utf8'));
for (const member of ['name', 'version', 'description', 'license', 'author', 'homepage', 'repository', 'bugs', 'engines', 'types', 'exports']) {
  assert.ok(manifest[member], `the manifest has no ${member}`);
}
assert.equal(manifest.sideEffects, false);
const [, ofCrate] = /^version = "(.+)"$/m.exec(readFileSync(new URL('../../Cargo.toml', import.meta.url), 'utf8'));
assert.equal(manifest.version, ofCrate, 'the versions of the package and the crate');
/** Each path that a subpath may lead to. Declarations come before what they declare. */
function check(subpath, leads) {
  if (typeof leads === 'string') return assert.ok(files.includes(leads.slice(2)), `${subpath} leads to ${leads}`);
  const paths = Object.keys(leads).filter((condition) => typeof leads[condition] === 'string');
  assert.equal(paths[0], 'types', `${subpath}: types come first`);
  assert.equal(paths.at(-1), 'default', `${subpath}: there is a default`);
  for (const lead of Object.values(leads)) check(subpath, lead);
}
for (const [subpath, leads] of Object.entries(manifest.exports)) check(subpath, leads);

const { messages, pkg: read } = await publint({ pkgDir: new URL('.', pkg).pathname, strict: true, level: 'suggestion' });
assert.deepEqual(messages.map((message) => formatMessage(message, read, { color: false })), [], 'publint');

// ESM only: what CommonJS gets is an error that says so, of Node or of the test runner.
const { types, problems, entrypoints } = await checkPackage(createPackageFromTarballData(new Uint8Array(readFileSync(tarball))));
assert.ok(types, 'no types');
const ofCommonJs = ({ resolutionKind }) => resolutionKind === 'node10' || resolutionKind === 'node16-cjs';
assert.deepEqual(problems.filter((problem) => !ofCommonJs(problem)), [], 'are the types wrong');
const untyped = Object.entries(entrypoints).filter(([subpath, { resolutions }]) => subpath !== './package.json' && !/\.d\.ts$/.test(resolutions.bundler.resolution?.fileName ?? ''));
assert.deepEqual(untyped.map(([subpath]) => subpath), [], 'without declarations');
console.log(`${files.length} files and ${declarations.length} declarations ${isRenewing ? 'are written down' : 'are as expected'}; publint and attw are content with ${Object.keys(entrypoints).length} subpaths`);
