// The authorization server's own look, on purpose unlike the apps': people should see who is asking.
import { readFile } from 'node:fs/promises';
import { html } from './html.mjs';

export const NAME = 'Harbor ID';

export async function stylesheet(response) {
  const css = await readFile(new URL('look.css', import.meta.url));
  response.writeHead(200, { 'content-type': 'text/css; charset=utf-8', 'cache-control': 'no-store' }).end(css);
}

export const page = (title, body) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · ${NAME}</title>
<link rel="stylesheet" href="/look.css">
</head>
<body>
<main>
<p class="brand"><svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true"><circle cx="12" cy="5" r="2.5"/><path d="M12 7.5V21M7.5 11h9M4 14c0 4 3.5 7 8 7s8-3 8-7"/></svg> ${NAME}</p>
${body}
</main>
<footer>A demo sign-in service on this machine. The people are made up, nobody has a password.</footer>
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
