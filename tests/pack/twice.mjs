// That the sources make the same WebAssembly twice: node pack/twice.mjs [--prepare]
// --prepare copies what the build left to another folder, without this library's own part. Whoever calls then builds there, and
// calls again to compare. So the library is compiled a second time, and everything linked and optimised; what it depends on
// and the standard library are taken as they are, since to compile those too takes as long as the first build.
import { cpSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const target = fileURLToPath(new URL('../../target/', import.meta.url));
const [first, second] = ['wasm', 'twice'].map((name) => join(target, name));
const RELEASE = 'wasm32-unknown-unknown/release';
/** This library's own, and what is of no use to a release build. */
const isOwn = (path) => /[/\\](lib)?scopewise[-_.][^/\\]*$|[/\\](incremental|examples)$/.test(path);

if (process.argv.includes('--prepare')) {
  rmSync(second, { recursive: true, force: true });
  for (const folder of [RELEASE, 'release']) {
    cpSync(join(first, folder), join(second, folder), { recursive: true, preserveTimestamps: true, filter: (path) => !isOwn(path) });
  }
  const left = readdirSync(join(second, RELEASE, 'deps')).filter((name) => name.includes('scopewise'));
  if (left.length > 0) throw new Error(`${left} would not be built again`);
} else {
  const hashes = [first, second].map((folder) => createHash('sha256').update(readFileSync(join(folder, RELEASE, 'scopewise.wasm'))).digest('hex'));
  if (hashes[0] !== hashes[1]) throw new Error(`two builds differ: ${hashes.join(' and ')}`);
  console.log(`twice the same: ${hashes[0]}`);
  rmSync(second, { recursive: true });
}
