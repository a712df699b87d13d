// Checks the code of the guides in docs: each block is a file, which its first line names, and imports the package as applications do.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const OUT = at('../../target/guides');
const GUIDES = ['several-servers'];

/** The files of a guide, by name. */
function filesOf(guide) {
  const text = readFileSync(at(`../../docs/${guide}.md`), 'utf8');
  const blocks = [...text.matchAll(/^```tsx?\n([\s\S]*?)^```$/gm)].map(([, block]) => block);
  return blocks.map((block) => {
    const [, name] = /^\/\/ ([\w-]+\.tsx?)\n/.exec(block) ?? [];
    if (!name) throw new Error(`A block of docs/${guide}.md does not begin with the name of its file:\n${block}`);
    return [name, block];
  });
}

rmSync(OUT, { recursive: true, force: true });
for (const guide of GUIDES) {
  const folder = `${OUT}/${guide}`;
  mkdirSync(folder, { recursive: true });
  const files = filesOf(guide);
  if (files.length === 0) throw new Error(`docs/${guide}.md has no code.`);
  for (const [name, block] of files) writeFileSync(`${folder}/${name}`, block);
  const options = { paths: { scopewise: [at('../../pkg/index.d.ts')] }, moduleDetection: 'force' };
  writeFileSync(`${folder}/tsconfig.json`, JSON.stringify({ extends: at('tsconfig.json'), compilerOptions: options, include: ['*.ts', '*.tsx'] }));
  execFileSync('npx', ['tsc', '-p', folder], { stdio: 'inherit', cwd: at('..') });
  console.log(`docs/${guide}.md: ${files.length} files check`);
}
