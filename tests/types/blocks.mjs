// That the code in docs/bundlers.md and docs/typescript.md is right: node types/blocks.mjs
// What is TypeScript must compile; what stands below the name of a file must be in that file, which a test uses.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const BLOCK = /(?:^<!-- (.+) -->\n)?^```(\w+)\n([\s\S]*?)^```$/gm;

const blocks = ['bundlers', 'typescript'].flatMap((name) => {
  const text = readFileSync(join(root, 'docs', `${name}.md`), 'utf8');
  return [...text.matchAll(BLOCK)].map(([, file, language, code]) => ({ name, file, language, code }));
});
const quoted = blocks.filter(({ file }) => file);
for (const { name, file, code } of quoted) assert.ok(readFileSync(join(root, file), 'utf8').includes(code), `docs/${name}.md: ${file} has no\n${code}`);

const folder = join(root, 'target', `blocks-${process.pid}`);
mkdirSync(folder, { recursive: true });
try {
  const typed = blocks.filter(({ language, file }) => language === 'ts' && !file);
  // On a line of its own, so that each is a module and lines stay countable.
  typed.forEach(({ name, code }, at) => writeFileSync(join(folder, `${name}-${at}.ts`), `${code}export {};\n`));
  const paths = Object.fromEntries(['index', 'inline', 'relay'].map((entry) => [entry === 'index' ? 'scopewise' : `scopewise/${entry}`, [join(root, 'pkg', `${entry}.d.ts`)]]));
  const compilerOptions = { target: 'es2022', module: 'esnext', moduleResolution: 'bundler', lib: ['es2022', 'dom', 'dom.iterable'], types: [], strict: true, exactOptionalPropertyTypes: true, noEmit: true, paths };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
  const windows = process.platform === 'win32';
  const { status, stdout } = spawnSync(join(root, 'node_modules/.bin', windows ? 'tsc.cmd' : 'tsc'), ['-p', folder], { encoding: 'utf8', shell: windows });
  assert.equal(status, 0, stdout);
  assert.ok(typed.length > 5 && quoted.length > 5);
  console.log(`${typed.length} blocks compile, and ${quoted.length} are what tests use`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
