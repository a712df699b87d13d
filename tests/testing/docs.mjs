// The files of docs/testing.md, written below target/: each block of code there begins with its name.
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pkg = (name) => join(root, 'pkg', `${name}.js`);

/** Where the package is, for those who do not have it installed. */
export const alias = { scopewise: pkg('index'), 'scopewise/testing': pkg('testing') };

/** Writes them into a new folder, where the package is installed: its path, and their names. */
export function writeDocs(name) {
  const folder = join(root, 'target', name);
  rmSync(folder, { recursive: true, force: true });
  const text = readFileSync(join(root, 'docs/testing.md'), 'utf8');
  const blocks = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, code]) => {
    const [, path] = /^\/\/ (\S+)\n/.exec(code) ?? [];
    if (!path?.endsWith(`.${language}`)) throw new Error(`a block of docs/testing.md does not begin with its name:\n${code.slice(0, 200)}`);
    return { path, code };
  });
  for (const { path, code } of blocks) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), code);
  }
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(join(root, 'pkg'), join(folder, 'node_modules/scopewise'), 'junction');
  return { folder, paths: blocks.map(({ path }) => path) };
}
