// The apps' own server: static pages, the built SDK, the documentation where it was built, and the settings the pages need.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { diaryPage } from './diaries.mjs';
import { frameworks } from './frameworks.mjs';

const PAGES = fileURLToPath(new URL('../pages', import.meta.url));

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
  '.ts': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.jsx': 'text/plain; charset=utf-8',
  '.vue': 'text/plain; charset=utf-8',
  '.svelte': 'text/plain; charset=utf-8',
};

export function pages({ config, packageDir, docsDir, log }) {
  const madeScript = frameworks(packageDir, log);
  return async (request, response) => {
    response.setHeader('cache-control', 'no-store');
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('referrer-policy', 'no-referrer');
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(response, 405, 'Only GET works here.');

    const { pathname, search } = new URL(request.url, 'http://127.0.0.1');
    if (pathname === '/config.json') {
      response.writeHead(200, { 'content-type': TYPES['.json'] }).end(JSON.stringify({ ...config, hasDocs: existsSync(docsDir) }));
      return;
    }
    const script = await madeScript(pathname);
    if (script !== null) return void response.writeHead(200, { 'content-type': TYPES['.js'] }).end(request.method === 'HEAD' ? undefined : script);
    const file = locate(pathname, packageDir, docsDir);
    const kind = file && await stat(file).catch(() => null);
    if (kind?.isDirectory() && !pathname.endsWith('/')) {
      response.writeHead(308, { location: `${pathname.replace(/^\/+/, '/')}/${search}` }).end();
      return;
    }
    const target = kind?.isDirectory() ? join(file, 'index.html') : file;
    const body = target && (diaryPage(pathname) ?? await readFile(target).catch(() => null));
    if (!body && pathname.startsWith('/docs/') && !existsSync(docsDir)) return plain(response, 404, 'The documentation is not built yet: run `npm run docs -w www`.');
    if (!body) return plain(response, 404, 'There is no such page.');
    const type = TYPES[extname(target)] ?? 'application/octet-stream';
    if (type === TYPES['.html']) {
      response.setHeader('content-security-policy', contentSecurityPolicy(body.toString(), pathname, config));
    }
    response.writeHead(200, { 'content-type': type, 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
}

/** The file a path stands for, or null outside what is served. */
function locate(pathname, packageDir, docsDir) {
  let path;
  try {
    path = posix.normalize(decodeURIComponent(pathname));
  } catch {
    return null;
  }
  if (path.includes('\0') || path.split('/').some((segment) => segment.startsWith('.'))) return null;
  if (path === '/docs' || path.startsWith('/docs/')) return join(docsDir, path.slice('/docs'.length));
  return path.startsWith('/pkg/') ? join(packageDir, path.slice('/pkg/'.length)) : join(PAGES, path);
}

/** The inline scripts of a page that begin in a certain way, by their hashes. */
function hashesOf(page, start) {
  const scripts = [...page.matchAll(new RegExp(`${start}([\\s\\S]*?)</script>`, 'g'))];
  return scripts.map(([, text]) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`).join(' ');
}

/** The page's import map is its one inline script, allowed by its hash. */
function contentSecurityPolicy(page, pathname, { issuer, almanac }) {
  if (pathname.startsWith('/docs/')) return policyOfDocs(page);
  const hashes = hashesOf(page, '<script type="importmap">');
  const servers = pathname.startsWith('/your-provider') ? 'https: http://127.0.0.1:* http://localhost:*' : `${issuer} ${almanac.issuer}`;
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' ${hashes}`,
    "style-src 'self'", "img-src 'self'", `connect-src 'self' ${servers}`,
    // Silent sign-in: a server in a frame of the page, and from there back to the app.
    `frame-src 'self' ${servers}`, "frame-ancestors 'self'",
    "form-action 'self'", "base-uri 'none'",
  ].join('; ');
}

/** The documentation runs no WebAssembly and talks to no server. VitePress's two inline scripts choose the colours before the page shows, and its icons are data: URLs. */
function policyOfDocs(page) {
  return [
    "default-src 'none'", `script-src 'self' ${hashesOf(page, '<script id="check-[a-z-]+">')}`, "style-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "frame-ancestors 'none'", "form-action 'none'", "base-uri 'none'",
  ].join('; ');
}

function plain(response, status, text) {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
}
