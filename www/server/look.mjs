// How a provider's pages look: on purpose unlike the apps', and unlike each other. People should see who is asking.
import { readFile } from 'node:fs/promises';
import { html } from './html.mjs';

export async function stylesheet({ styles }, response) {
  const sheets = await Promise.all(styles.map((file) => readFile(new URL(file, import.meta.url), 'utf8')));
  response.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-store' }).end(sheets.join('\n'));
}

export const pageOf = ({ name, mark, footer }) => (title, body) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${name}</title>
<link rel="stylesheet" href="/look.css">
</head>
<body>
<main>
<p class="brand">${mark} ${name}</p>
${body}
</main>
<footer>${footer}</footer>
</body>
</html>`;

/** `targets`: where forms may lead in the end, since their redirects go on to the apps. Redirects may be framed, pages may not. */
export const securityHeaders = (targets, openerPolicy) => (response) => {
  response.setHeader('content-security-policy', [
    "default-src 'none'", "style-src 'self'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    `form-action 'self' ${targets.join(' ')}`,
  ].join('; '));
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('referrer-policy', 'no-referrer');
  if (openerPolicy) response.setHeader('cross-origin-opener-policy', openerPolicy);
};
