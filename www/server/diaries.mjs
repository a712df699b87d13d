// The pages of the diaries: the same for each framework, but for its script and the source that is shown beside it.
import { html } from './html.mjs';

/** By folder: the framework, and the file that is the whole app. */
const DIARIES = {
  react: { name: 'React', source: 'app.jsx' },
  vue: { name: 'Vue', source: 'App.vue' },
  svelte: { name: 'Svelte', source: 'App.svelte' },
  angular: { name: 'Angular', source: 'app.ts' },
};

const links = (here) => Object.entries(DIARIES).map(([folder, { name }]) => html`<a href="/${folder}/"${folder === here && html` aria-current="page"`}>${name}</a>`);

const page = (folder, { name, source }) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Diary with ${name} · scopewise</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/shared/base.css">
<link rel="stylesheet" href="/shared/panel.css">
<link rel="stylesheet" href="/diary/diary.css">
<script type="module" src="/${folder}/app.js"></script>
</head>
<body class="diary">
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="home" href="/">scopewise</a>
<nav aria-label="Demo">${links(folder)}</nav>
</header>
<div class="stage">
<main id="main">
<div id="app"><p class="loading">One moment…</p></div>
<noscript><p>The diary needs JavaScript.</p></noscript>
</main>
<aside class="panel" aria-labelledby="made">
<h2 id="made">The whole app, with ${name}</h2>
<div id="source" data-source="/${folder}/${source}"></div>
</aside>
</div>
</body>
</html>
`;

/** The page at a path, or null where that is no diary's. */
export function diaryPage(pathname) {
  const [, folder] = /^\/(\w+)\/(?:index\.html)?$/.exec(pathname) ?? [];
  return Object.hasOwn(DIARIES, folder) ? Buffer.from(String(page(folder, DIARIES[folder]))) : null;
}
