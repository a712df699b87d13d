// Builds the documentation's site: node docs/build.mjs [folder], by default target/docs-site. It collects the pages of docs/, and what the
// types say of the API, and has VitePress make a site of them. Nothing is fetched.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const here = join(root, 'www/docs');
const out = resolve(process.argv[2] ?? join(root, 'target/docs-site'));
const REPOSITORY = 'https://github.com/scopewise/scopewise/blob/main/';
/** Pages of the site that are not below docs/. */
const PROJECT = ['CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];

/** Where a page of the repository is in the site; nothing where it is none. */
function placeOf(path) {
  if (PROJECT.includes(path)) return path;
  return /^docs\/.*\.md$/.test(path) ? path.slice('docs/'.length).replace(/(^|\/)README\.md$/, '$1index.md') : undefined;
}

/** A page with its links as the site has them: to its own pages, or to the repository. */
function relinked(path, text) {
  const place = placeOf(path);
  return text.replace(/\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)/g, (_, link, anchor = '') => {
    const target = posix.normalize(posix.join(posix.dirname(path), link));
    const there = target === 'js/types.ts' ? 'api/index.md' : placeOf(target);
    return there ? `](${posix.relative(posix.dirname(place), there)}${anchor})` : `](${REPOSITORY}${target}${anchor})`;
  });
}

function collect(pagesDir) {
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).map((path) => `docs/${path.replaceAll('\\', '/')}`);
  for (const path of [...below.filter((path) => path.endsWith('.md')), ...PROJECT]) {
    const file = join(pagesDir, placeOf(path));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, relinked(path, readFileSync(join(root, path), 'utf8')));
  }
  mkdirSync(join(pagesDir, 'public'));
  cpSync(join(root, 'www/pages/favicon.svg'), join(pagesDir, 'public/favicon.svg'));
}

/** Runs the script of a package's command. */
function run(script, args, env) {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: here, stdio: 'inherit', env: { ...process.env, ...env } });
  if (status !== 0) throw new Error(`${script} failed`);
}

// A folder of its own, so that builds may run side by side. It is below the root, from where the pages find Vue.
mkdirSync(join(root, 'target'), { recursive: true });
const work = mkdtempSync(join(root, 'target/docs-'));
try {
  const [pages, site] = [join(work, 'pages'), join(work, 'site')];
  collect(pages);
  run(join(root, 'www/node_modules/typedoc/bin/typedoc'), ['--options', join(here, 'typedoc.json'), '--out', join(pages, 'api')]);
  run(join(root, 'node_modules/vitepress/bin/vitepress.js'), ['build', here], { DOCS_WORK: work });
  if (existsSync(out)) rmSync(out, { recursive: true });
  renameSync(site, out);
  console.log(`the documentation is in ${out}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}
