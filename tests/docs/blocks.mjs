// Checks every code block of README.md and docs/: node docs/blocks.mjs. Each block with scripts becomes a module in a folder of
// tests/docs/generated, whose lines are those of its page, and all of them are type-checked against pkg/. Comments right above a block say what it needs:
//   <!-- with: declare function save(): void; -->  declarations that it leaves out, besides those of preamble.ts
//   <!-- file: src/session.ts -->                  what it is called, for other blocks of the page that import it; so does a first line
//                                                  // session.ts in the block itself
//   <!-- tests/pack/page.html -->                  it is a part of this file of the repository, whose own tests run it
//   <!-- shown only: why -->                       it is not checked
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { blocksOf, pages, root } from './pages.mjs';

/** A folder of this run's own, which stays where something is wrong. */
const OUT = join(root, `tests/docs/generated/${process.pid}`);
const MODULES = ['ts', 'tsx', 'js', 'jsx', 'mjs'];
/** What has no scripts in it. Rust is checked by `cargo test --doc`, and tests/core/readme.rs sees that no Rust block is missed there. */
const WITHOUT_SCRIPTS = ['sh', 'http', 'text', 'mermaid', 'rust', 'toml', 'yaml', 'css', 'diff', 'ini', 'nginx', ''];

const preamble = readFileSync(new URL('preamble.ts', import.meta.url), 'utf8');
const [ofClient, ofPage] = preamble.split('// Of the page.').map((part) => {
  const listed = /^export \{ ([^}]+) \}/m.exec(part)?.[1].split(', ') ?? [];
  return [...listed, ...[...part.matchAll(/^export declare \w+ (\w+)/gm)].map(([, name]) => name)];
});

/** Whether a module declares or imports a name by itself. */
function declares(text, name) {
  const declaration = String.raw`(?:\b(?:const|let|var)\s+(?:\{[^}]*\b${name}\b[^}]*\}|\[[^\]]*\b${name}\b[^\]]*\]|${name}\b)|\b(?:function|class|enum)\s+${name}\b)`;
  return new RegExp(String.raw`^(?:export\s+)?(?:declare\s+)?(?:async\s+)?${declaration}|^import\b[^;]*\b${name}\b[^;]*from`, 'm').test(text);
}

const write = (path, text) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};

/** Where a page's modules are. */
const folderOf = (page) => join(OUT, page.replace(/\.md$/, ''));

/** Writes a module whose lines are those of the page: what it leaves out is on the first line. */
function writeModule(block, text, extension, line = block.line) {
  const { notes, page } = block;
  const isComplete = /\bfrom 'scopewise'/.test(text);
  const names = [...(isComplete ? [] : ofClient), ...ofPage].filter((name) => !declares(`${notes.with ?? ''}\n${text}`, name));
  const name = notes.file ?? /^\/\/ ([\w./-]+\.(?:tsx?|jsx?|mjs))$/.exec(text.split('\n', 1)[0])?.[1] ?? `line-${line}.${extension}`;
  // A page may show a file in pieces: the first one is what others import.
  const path = join(folderOf(page), written.has(`${page} ${name}`) ? `line-${line}.${extension}` : name);
  written.add(`${page} ${name}`);
  const from = posix.relative(dirname(path).replaceAll('\\', '/'), `${root.replaceAll('\\', '/')}tests/docs/preamble`);
  const header = `import { ${names.join(', ')} } from '${from}'; export {}; ${(notes.with ?? '').replace(/\s*\n\s*/g, ' ')}`;
  const node = /from 'node:|\bprocess\./.test(text) ? '/// <reference types="node" />\n' : '';
  write(path, `${node}${header}${'\n'.repeat(line - 1 - (node ? 1 : 0))}${text}\n`);
  // Pages import the client from a file of the application's, which they need not show.
  for (const [, other] of text.matchAll(/from '(\.{1,2}\/(?:[\w-]+\/)*(?:client|auth))(?:\.[jt]s)?'/g)) {
    const client = `${posix.join(dirname(path).replaceAll('\\', '/'), other)}.ts`;
    stubs.set(client, `export { client } from '${posix.relative(posix.dirname(client), `${root.replaceAll('\\', '/')}tests/docs/preamble`)}';\n`);
  }
}
const stubs = new Map();
const written = new Set();

/** The scripts of a page or component. */
function scriptsOf(block) {
  const found = [];
  for (const match of block.text.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)) {
    const [, attributes, text] = match;
    const start = match.index + match[0].indexOf('>') + 1;
    // As far to the left as it goes: what a module declares begins its line.
    found.push({ attributes, text: text.replace(/^ {2}/gm, ''), line: block.line + block.text.slice(0, start).split('\n').length - 1 });
  }
  return found;
}

async function checkComponent({ language, text, page, line }) {
  const where = `${page}:${line}`;
  if (language === 'svelte') {
    const { compile } = await import('svelte/compiler');
    compile(text, { generate: 'client', filename: where });
    return;
  }
  const { compileTemplate, parse } = await import('@vue/compiler-sfc');
  const { descriptor, errors } = parse(text, { filename: where });
  const template = descriptor.template && compileTemplate({ source: descriptor.template.content, filename: where, id: where });
  const [first] = [...errors, ...(template?.errors ?? [])];
  if (first) throw new Error(`${where}: ${first.message ?? first}`);
}

/** A text however it is indented. */
const squeezed = (text) => text.replace(/\s+/g, ' ').trim();

const counts = new Map();
const count = (what) => counts.set(what, (counts.get(what) ?? 0) + 1);

/** Checks what is no module, and writes what is one. */
async function take(block) {
  const { language, text, page, line, notes } = block;
  const where = `${page}:${line}`;
  if (notes['shown only'] !== undefined) {
    if (notes['shown only'].length < 10) throw new Error(`${where}: it is shown only, and says no reason`);
    count('shown only');
    console.log(`shown only: ${where} (${notes['shown only']})`);
  } else if (notes.source !== undefined) {
    const isPart = squeezed(readFileSync(join(root, notes.source), 'utf8')).includes(squeezed(text));
    if (!isPart) throw new Error(`${where}: this is not in ${notes.source}`);
    count('part of a tested file');
  } else if (MODULES.includes(language)) {
    writeModule(block, text, language);
    count('type-checked');
  } else if (['vue', 'svelte', 'html'].includes(language)) {
    if (language !== 'html') await checkComponent(block);
    const scripts = scriptsOf(block);
    for (const script of scripts) {
      if (/type="importmap"/.test(script.attributes)) JSON.parse(script.text);
      else if (script.text.trim()) writeModule(block, script.text, /lang="ts"/.test(script.attributes) ? 'ts' : 'js', script.line);
    }
    count(scripts.length > 0 ? `${language} with its scripts` : `${language} without a script`);
  } else if (language === 'json') {
    JSON.parse(text);
    count('json');
  } else if (WITHOUT_SCRIPTS.includes(language)) {
    count(language || 'plain');
  } else {
    throw new Error(`${where}: what to do with a block of "${language}"?`);
  }
}

const blocks = pages().flatMap(blocksOf);
for (const block of blocks) await take(block);
// Or they show it themselves.
for (const [path, text] of stubs) if (!existsSync(path) && !existsSync(path.replace(/ts$/, 'tsx'))) write(path, text);
console.log(`${blocks.length} blocks: ${[...counts].map(([what, number]) => `${number} ${what}`).join(', ')}`);
if ((counts.get('type-checked') ?? 0) < 20) throw new Error('too few blocks were found: is this the right folder?');

const tsc = join(root, `node_modules/.bin/tsc${process.platform === 'win32' ? '.cmd' : ''}`);
write(join(OUT, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', include: ['../../*.ts', '**/*'] }));
const { status } = spawnSync(tsc, ['-p', OUT], { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' });
if (status === 0) rmSync(OUT, { recursive: true });
process.exitCode = status ?? 1;
