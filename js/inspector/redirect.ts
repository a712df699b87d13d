import { askFrame } from '../generated/window.js';
import type { DiagnoseOptions, Finding } from './types.js';

/** The page that the server sends users back to. */
export async function checkRedirectUri({ redirectUri = '/', timeout = 10_000 }: DiagnoseOptions): Promise<Finding[]> {
  if (!URL.canParse(redirectUri, location.origin)) {
    return [{ id: 'redirect-uri', level: 'error', title: '"redirectUri" is no URL.', advice: 'Give a path of this origin, as it is registered at the server.' }];
  }
  const url = new URL(redirectUri, location.origin);
  if (url.origin !== location.origin) {
    const title = `The redirect URI is of another origin (${url.origin}) than this page, so the answer does not come back here.`;
    return [{ id: 'redirect-uri', level: 'error', title, advice: `Use a redirect URI of ${location.origin}, and register it at the server.` }];
  }
  const ok: Finding = { id: 'redirect-uri', level: 'ok', title: `The redirect URI is ${url.href}. Only the server knows whether it is registered, to the letter.` };
  const response = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(timeout) }).catch(() => undefined);
  if (!response?.ok) {
    const title = `The page at the redirect URI ${response ? `has status ${response.status}` : 'cannot be reached'}.`;
    return [ok, { id: 'redirect-status', level: 'error', title, advice: 'Let the host answer there with a page that calls handleCallback(): often a rule that serves the app at every path.' }];
  }
  const frames = framePolicy(response.headers);
  if (frames) {
    const title = `The page at the redirect URI is served with ${frames}, so no hidden frame can come back there: mode "silent" does not work.`;
    return [ok, { id: 'redirect-frame', level: 'warning', title, advice: "Send `Content-Security-Policy: frame-ancestors 'self'`, and no `X-Frame-Options: DENY`, with that page. Popups and redirects need nothing." }];
  }
  return [ok, await handOver(url, timeout)];
}

/** The header that forbids frames of this origin. */
function framePolicy(headers: Headers): string | undefined {
  const ancestors = /frame-ancestors([^;]*)/i.exec(headers.get('content-security-policy') ?? '')?.[1]?.trim();
  if (ancestors !== undefined) {
    const isAllowed = ancestors.split(/\s+/).some((source) => source === "'self'" || source === '*' || source === location.origin);
    return isAllowed ? undefined : `frame-ancestors ${ancestors}`;
  }
  const options = headers.get('x-frame-options');
  return options && /deny/i.test(options) ? `X-Frame-Options: ${options}` : undefined;
}

/** Loads the page with an answer to a request that nobody made: `handleCallback` hands such a one to whoever waits for it. */
async function handOver(url: URL, timeout: number): Promise<Finding> {
  const state = `diagnose-${crypto.getRandomValues(new Uint32Array(4)).join('')}`;
  const target = new URL(url);
  target.searchParams.set('code', 'scopewise-diagnose');
  target.searchParams.set('state', state);
  const answer = await askFrame(target.href, state, undefined, timeout).catch(() => '');
  if (answer.includes(state)) return { id: 'redirect-hand-over', level: 'ok', title: 'The page at the redirect URI hands answers over to the page that asked.' };
  const title = 'The page at the redirect URI handed no answer over: popups and mode "silent" do not work.';
  const advice = 'Create a client there with the same `redirectUri`, and call handleCallback() before anything else. Its scripts and its WebAssembly must load there, also in a frame, and `frame-src` of this page must allow it.';
  return { id: 'redirect-hand-over', level: 'warning', title, advice };
}
