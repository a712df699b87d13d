// What the package is made of, as CycloneDX 1.6 (https://cyclonedx.org): the crates that are compiled into the WebAssembly, the
// standard library, and the tools that wrote what is shipped. No time, machine or random number: the same sources have the
// same one. The scripts have no npm package in them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const TARGET = 'wasm32-unknown-unknown';
const purl = (type, name, version) => `pkg:${type}/${name.replace('@', '%40')}@${version}`;
const licences = (text) => [{ expression: text.replace(/\//g, ' OR ') }];

/** The packages of Cargo.lock: their versions and checksums by name. */
function locked(root) {
  const packages = readFileSync(join(root, 'Cargo.lock'), 'utf8').split('[[package]]').slice(1);
  return packages.map((text) => {
    const member = (name) => new RegExp(`^${name} = "(.+)"$`, 'm').exec(text)?.[1];
    return { name: member('name'), version: member('version'), checksum: member('checksum') };
  });
}

/** Each line of `cargo tree`: how deep it stands, name, version and licence. Macros run in the compiler, and are not linked. */
function tree(root) {
  const args = ['tree', '--locked', '--package', 'scopewise', '--features', 'npm', '--target', TARGET];
  args.push('--edges', 'normal,no-proc-macro', '--no-dedupe', '--prefix', 'depth', '--format', ' {p} | {l}');
  const text = execFileSync(process.env.CARGO ?? 'cargo', args, { cwd: root, encoding: 'utf8' });
  return [...text.matchAll(/^(\d+) (\S+) v(\S+).* \| (.+)$/gm)].map(([, depth, name, version, licence]) => ({ depth: Number(depth), name, version, licence }));
}

/** `rustc` is the compiler that the standard library came with: `rustc --version` of it. */
export function sbom(root, manifest, rustc) {
  const own = purl('npm', manifest.name, manifest.version);
  const lock = locked(root);
  const crates = new Map();
  const uses = new Map([[own, new Set()]]);
  const above = [own];
  for (const { depth, name, version, licence } of tree(root).slice(1)) {
    const ref = purl('cargo', name, version);
    const { checksum } = lock.find((held) => held.name === name && held.version === version);
    uses.get(above[depth - 1]).add(ref);
    above[depth] = ref;
    if (crates.has(ref)) continue;
    uses.set(ref, new Set());
    crates.set(ref, {
      type: 'library', 'bom-ref': ref, name, version, hashes: [{ alg: 'SHA-256', content: checksum }], licenses: licences(licence), purl: ref,
    });
  }
  const [, release] = /^rustc (\S+)/.exec(rustc);
  const std = purl('generic', 'rust-std', release);
  crates.set(std, { type: 'library', 'bom-ref': std, name: 'rust-std', version: release, licenses: licences('MIT OR Apache-2.0'), purl: std });
  uses.get(own).add(std);
  const glue = lock.find(({ name }) => name === 'wasm-bindgen-cli-support');
  const tools = [['cargo', glue.name, glue.version], ...Object.entries(manifest.devDependencies).map(([name, version]) => ['npm', name, version])];
  const sorted = (refs) => [...refs].sort();
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', bomFormat: 'CycloneDX', specVersion: '1.6', version: 1,
    metadata: {
      tools: { components: tools.map(([type, name, version]) => ({ type: 'application', name, version, purl: purl(type, name, version) })) },
      component: { type: 'library', 'bom-ref': own, name: manifest.name, version: manifest.version, description: manifest.description, licenses: licences(manifest.license), purl: own },
    },
    components: sorted(crates.keys()).map((ref) => crates.get(ref)),
    dependencies: sorted(crates.keys()).concat(own).map((ref) => ({ ref, dependsOn: sorted(uses.get(ref) ?? []) })),
  };
}
