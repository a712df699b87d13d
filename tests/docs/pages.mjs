// The pages of the documentation, and the code blocks in them.
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));

/** README.md, and every page below docs/, from the repository's root. */
export function pages() {
  const below = readdirSync(`${root}docs`, { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path.replaceAll('\\', '/')}`);
  return ['README.md', ...below.filter((path) => path.endsWith('.md') && !path.includes('/.vitepress/')).sort()];
}

/**
 * The blocks of a page: each with its language, its text, the line that it begins on, and what the comments right above it say of it,
 * such as { with: 'declare const x: string;' }.
 */
export function blocksOf(page) {
  const lines = readFileSync(`${root}${page}`, 'utf8').split('\n');
  const blocks = [];
  let notes = {};
  for (let at = 0; at < lines.length; at++) {
    const fence = /^(\s*)(`{3,})([\w+-]*)/.exec(lines[at]);
    if (!fence) {
      let line = lines[at].trim();
      // A comment may have several lines.
      if (line.startsWith('<!--')) {
        while (!line.includes('-->')) line += `\n${lines[++at]}`;
        const [, name, text] = /^<!--\s*(with|file|shown only):\s*([\s\S]*?)\s*-->$/.exec(line) ?? [];
        const [, source] = /^<!--\s*([\w./-]+\/[\w./+-]+)\s*-->$/.exec(line) ?? [];
        if (name) notes[name] = text;
        if (source) notes.source = source;
      } else if (line) {
        notes = {};
      }
      continue;
    }
    const [, indent, mark, language] = fence;
    const first = at + 1;
    while (lines[++at] !== undefined && lines[at].trim() !== mark);
    if (lines[at] === undefined) throw new Error(`${page}:${first}: the block has no end`);
    const text = lines.slice(first, at).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line)).join('\n');
    // Lines count from 1.
    blocks.push({ page, language, text, line: first + 1, notes });
    notes = {};
  }
  return blocks;
}
