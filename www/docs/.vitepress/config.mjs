import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformerStyleToClass } from '@shikijs/transformers';
import { defineConfig } from 'vitepress';
import { drawSequence } from '../sequence.mjs';
import { sidebar } from '../sidebar.mjs';

/** Where build.mjs has collected the pages, and wants the site. */
const work = process.env.DOCS_WORK;
if (!work) throw new Error('build.mjs collects the pages first: npm run docs -w www');
/** The colours of code as classes: pages have no styles in their markup, which a strict policy forbids. */
const colours = transformerStyleToClass({ classPrefix: 'code-' });

export default defineConfig({
  title: 'scopewise',
  description: 'How to use scopewise: an OAuth 2.0 and OpenID Connect client for browser apps that gets scopes right.',
  lang: 'en',
  base: '/docs/',
  // Else a style is put into the page for each change of colours, which the policy forbids.
  appearance: { disableTransition: false },
  srcDir: join(work, 'pages'),
  outDir: join(work, 'site'),
  cacheDir: join(work, 'cache'),
  // Scripts in the markup are few and short: what differs from page to page is in files.
  metaChunk: true,
  head: [
    ['link', { rel: 'icon', href: '/docs/favicon.svg', type: 'image/svg+xml' }],
    ['link', { rel: 'stylesheet', href: '/docs/code.css' }],
  ],
  themeConfig: {
    nav: [{ text: 'Guide', link: '/start' }, { text: 'API', link: '/api/' }, { text: 'Errors', link: '/errors' }],
    sidebar: sidebar(join(work, 'pages')),
    search: { provider: 'local' },
    outline: [2, 3],
    externalLinkIcon: true,
  },
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    codeTransformers: [colours],
    config: (md) => {
      const { code_inline: code, fence } = md.renderer.rules;
      // Long names break where their words end.
      // What has braces in it is no expression of the page's.
      md.renderer.rules.code_inline = (...args) => code(...args).replace('<code', '<code v-pre').replaceAll('_', '_<wbr>');
      md.renderer.rules.fence = (tokens, at, ...rest) => (tokens[at].info.trim() === 'mermaid' ? drawSequence(tokens[at].content) : fence(tokens, at, ...rest));
      // Wide tables scroll by themselves, also by the keyboard.
      md.renderer.rules.table_open = () => '<div class="wide" role="group" aria-label="Table" tabindex="0"><table>';
      md.renderer.rules.table_close = () => '</table></div>';
    },
  },
  // Two styles that VitePress leaves in the markup: the first is in theme/style.css, and the second is set by its script.
  transformHtml: (html) => html.replaceAll(' style="position:relative;"', '').replaceAll(' style="--vp-vh:0px;"', ''),
  // The table of errors has no headings to list beside it, and needs the place.
  transformPageData: (page) => { if (page.relativePath === 'errors.md') page.frontmatter.aside = false; },
  buildEnd: ({ outDir }) => writeFileSync(join(outDir, 'code.css'), colours.getCSS()),
});
