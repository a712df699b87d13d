import { handOver, isPopupName } from './generated/window.js';

/** What `relay` takes. */
export interface RelayOptions {
  /**
   * Where to go on to where nobody waits for the response, such as the page of an application that signs in by redirect: a URL of
   * this origin. The response goes along, in its query or fragment as it came. Default: stay on this page.
   */
  next?: string | URL;
}

/**
 * For the page at the redirect URI, in place of a client and its WebAssembly: hands an authorization response on to the page of
 * this origin that asked for it in a popup or hidden frame, and closes the popup, as `handleCallback` does. It never settles then.
 * Where no page waits for a response, and this is no popup of ours, it changes nothing, and resolves; with `next` a page that is
 * in no frame goes on to there instead, one that is a popup too. A `next` of another origin throws a `TypeError`: a response is not
 * for others.
 */
export async function relay(options?: RelayOptions): Promise<void> {
  if (typeof window === 'undefined' || typeof document === 'undefined') return;
  const { href, search, hash, origin } = location;
  const next = options?.next === undefined ? undefined : new URL(options.next, href);
  if (next && next.origin !== origin) throw new TypeError('"next" must be a URL of this page\'s own origin.');
  for (const state of [stateIn(search), stateIn(hash), stateOfJwt(new URLSearchParams(search).get('response'))]) {
    // In what was a popup somebody may have gone on to sign in by redirect: where nobody waits, the application can tell.
    // Without BroadcastChannel no page can wait for a response.
    if (state) await handOver(href, state, !next && isPopupName(window.name)).catch(() => {});
  }
  if (!next || window.top !== window) return;
  next.search += next.search ? search.replace('?', '&') : search;
  next.hash = hash || next.hash;
  if (next.href === href) return;
  location.replace(next);
  return new Promise(() => {});
}

/** The `state` of the response in a query or fragment, if one is there: what makes a response is in src/core/authorize/response.rs. */
function stateIn(part: string): string | undefined {
  const parameters = new URLSearchParams(part.slice(1));
  const isResponse = ['code', 'error', 'response'].some((name) => parameters.has(name));
  return (isResponse && parameters.get('state')) || undefined;
}

/** That of a response which is a JWT (JARM), not checked: the page that waits for it does that. */
function stateOfJwt(jwt: string | null): string | undefined {
  try {
    const payload = jwt!.split('.')[1]!.replace(/-/g, '+').replace(/_/g, '/');
    const { state } = JSON.parse(atob(payload)) as { state?: unknown };
    return typeof state === 'string' ? state : undefined;
  } catch {
    return undefined;
  }
}
