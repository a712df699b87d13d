// The tarball that `npm publish` would upload.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Packs pkg/ into target/: the path of the tarball, and the names of the files in it. */
export function packed() {
  const folder = join(root, 'target/tarball', String(process.pid));
  mkdirSync(folder, { recursive: true });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const text = execFileSync(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: join(root, 'pkg'), encoding: 'utf8', shell: process.platform === 'win32' });
  const told = JSON.parse(text);
  // npm 12 names each package, older ones list them.
  const { filename, files } = Array.isArray(told) ? told[0] : Object.values(told)[0];
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return { tarball: join(folder, filename), files: files.map(({ path }) => path) };
}
