// Checks the package's list of what it is made of, and that the package brings nothing else along: node pack/sbom.mjs
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { sbom } from '../../js/sbom.mjs';

const root = new URL('../../', import.meta.url);
const read = (path) => readFileSync(new URL(path, root));
/** What the standard library is made of. */
const STD = ['core', 'alloc', 'std', 'compiler_builtins', '__rustc'];

const manifest = JSON.parse(read('pkg/package.json'));
// A framework is the application's own, and whoever has none needs none.
const areOptional = Object.keys(manifest.peerDependencies ?? {}).every((name) => manifest.peerDependenciesMeta?.[name]?.optional === true);
assert.ok(areOptional, 'peers are optional');
const brought = Object.keys(manifest).filter((name) => (/dependencies$/i.test(name) && name !== 'peerDependencies') || name === 'scripts');
assert.deepEqual(brought, [], 'the package has no dependencies, and runs nothing when it is installed');

const text = read('pkg/sbom.cdx.json').toString();
const problems = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
assert.equal(problems, null, JSON.stringify(problems, null, 2));

// Made once more, it is the same, and nothing in it is of this machine or moment.
const list = JSON.parse(text);
const { version } = list.components.find(({ name }) => name === 'rust-std');
const again = sbom(fileURLToPath(root), JSON.parse(read('js/package.json')), `rustc ${version}`);
assert.equal(text, `${JSON.stringify(again, null, 2)}\n`);
assert.ok(!text.includes(fileURLToPath(root)) && !/timestamp|serialNumber/.test(text));

// Every crate that the compiler left a name of in the module is there.
const module = read('target/wasm/wasm32-unknown-unknown/release/scopewise.wasm').toString('latin1');
const named = new Set([...module.matchAll(/Cs[0-9A-Za-z]*_(\d+)_?(\w+)/g)].map(([, length, rest]) => rest.slice(0, Number(length))));
for (const needed of ['scopewise', 'core', 'wasm_bindgen', 'serde_core']) assert.ok(named.has(needed), `the module names no ${needed}`);
const known = new Set([...list.components.map(({ name }) => name.replaceAll('-', '_')), ...STD, 'scopewise']);
assert.deepEqual([...named].filter((name) => !known.has(name)), [], 'linked, and not listed');

for (const { name, hashes, licenses, version } of list.components) {
  assert.ok(licenses[0].expression && version, name);
  assert.ok(name === 'rust-std' || /^[0-9a-f]{64}$/.test(hashes[0].content), `${name} has no checksum`);
}
console.log(`sbom.cdx.json is valid, and lists ${list.components.length} components; ${named.size} of them are named in the module`);
