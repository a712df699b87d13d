import { flatten } from './json.js';
import { within } from './clock.js';

/** Development servers on this machine are there without any network. */
const LOOPBACK = /^https?:\/\/(localhost|127\.|\[::1\]|[^/]*\.localhost)/;

/**
 * Sends a request within a time that covers headers and body. Resolves to three digits of status, and
 * the members of the body where it is a JSON object by its type too; or to "N" (not sent), "L" (lost), "T" (timeout). No cookies, no cache, no referrer, no redirects.
 */
export async function send(host, url, form, token, timeout) {
  if (navigator.onLine === false && !LOOPBACK.test(url)) return 'N';
  const abort = new AbortController();
  const headers = { accept: 'application/json' };
  const init = { headers, cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'manual', signal: abort.signal };
  if (form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    Object.assign(init, { method: 'POST', body: form });
  }
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  let answer;
  try {
    const fetch = host.fetch ?? globalThis.fetch;
    answer = fetch(url, init);
  } catch {
    return 'N';
  }
  try {
    return (await within(timeout, read(answer, token !== undefined))) ?? 'T';
  } catch {
    return 'L';
  } finally {
    abort.abort();
  }
}

async function read(answer, isWhole) {
  const response = await answer;
  const isJson = /^application\/([^;]*\+)?json *(;|$)/i.test(response.headers.get('content-type') ?? '');
  const text = await response.text();
  const members = isJson ? flatten(text) : undefined;
  // The text itself comes first, under no name.
  const whole = isWhole ? `\x1es=${text}` : '';
  return String(response.status).padStart(3, '0') + (members === undefined ? '' : `j${whole}${members}`);
}
