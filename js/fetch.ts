import { AuthError, list, member, members } from './error.js';
import { Call, record } from './options.js';
import type { AuthorizationOutcome, Client, FetchOptions } from './types.js';

/** What `fetch` needs of the client. */
export interface Caller<S extends string> {
  readonly fetch: typeof globalThis.fetch | undefined;
  call(method: Call, given: string): string;
  upgrade: Client<S>['upgrade'];
}

/** The client's `fetch`: a token for those who may have one, and at most one upgrade and one more try for each call. */
export function caller<S extends string>({ fetch, call, upgrade }: Caller<S>): Client<S>['fetch'] {
  /** The upgrade under way, which all calls wait for that miss something. */
  let upgrading: Promise<AuthorizationOutcome<S>> | undefined;

  async function send(request: Request, given: string): Promise<Response> {
    request.headers.set('authorization', `Bearer ${call(Call.callToken, given)}`);
    const response = await (fetch ?? globalThis.fetch)(request);
    const { status, type, url } = response;
    // Without a URL it was made by the page itself, or is a redirect that the caller wanted to see.
    const answer = given + member('final_url', url || request.url) + member('status', String(status));
    const refused = status === 401 || status === 403;
    const header = refused ? response.headers.get('www-authenticate') : null;
    const unreadable = refused && header === null && type === 'cors' ? member('unreadable', '') : '';
    call(Call.callAnswer, answer + unreadable + (header === null ? '' : member('header', header.slice(0, 1 << 15))));
    return response;
  }

  return async (input, { scope, audience, resource, onMissing = 'throw', ...init }: FetchOptions<S> = {}) => {
    if (!['throw', 'popup', 'redirect'].includes(onMissing)) {
      throw new AuthError({ code: 'invalid_options', message: '"onMissing" must be throw, popup or redirect.' });
    }
    const request = new Request(input, init);
    // A stream is gone once it was sent, and a Request has its body as one.
    const repeatable = init.body instanceof ReadableStream || (init.body == null && request.body !== null) ? undefined : () => new Request(input, init);
    const selector = Object.fromEntries(Object.entries({ scope, audience, resource }).filter(([, value]) => value !== undefined));
    const given = member('url', request.url.replace(/#.*/, '')) + record('fetch', selector);
    let sent = false;
    try {
      // Checked before anything is sent: what is missing now leaves the body as it is.
      call(Call.callToken, given);
      sent = true;
      return await send(request, given);
    } catch (error) {
      const again = sent ? repeatable?.() : request;
      if (onMissing === 'throw' || !again || !(await help(error, given, onMissing))) throw error;
      try {
        return await send(again, given);
      } catch (second) {
        // The server granted what the API asked for, and the API asks again.
        if (second instanceof AuthError && second.code.startsWith('insufficient_')) {
          const message = 'The upgrade was granted, and the API still refuses. Compare what its challenge names with what it checks.';
          throw new AuthError({ ...second, code: 'upgrade_loop', message }, second);
        }
        throw second;
      }
    }
  };

  /** Upgrades for what an error says is missing. False where that is not what it says, or where the user said no before. */
  async function help(error: unknown, given: string, mode: 'popup' | 'redirect'): Promise<boolean> {
    if (!(error instanceof AuthError)) return false;
    const { code, missing = [], acrValues, maxAge } = error;
    const isStepUp = code === 'insufficient_user_authentication';
    if (!isStepUp && (!['missing_scope', 'insufficient_scope'].includes(code) || missing.length === 0)) return false;
    const { target, refused } = members(call(Call.callUpgrade, given + member('missing', missing.join(' '))));
    if (refused !== undefined) return false;
    const named = new URLSearchParams(target);
    const selector = { audience: named.get('audience') ?? undefined, resource: named.get('resource') ?? undefined };
    // Who comes while another upgrade is under way waits for it, and looks again.
    while (upgrading) await upgrading.catch(() => undefined);
    if (!isStepUp && list(members(call(Call.callUpgrade, given + member('missing', missing.join(' ')))).missing).length === 0) return true;
    upgrading = upgrade(missing as S[], { ...selector, mode, ...(acrValues && { acrValues }), ...(maxAge !== undefined && { maxAge }) } as object);
    try {
      return (await upgrading).outcome === 'granted';
    } finally {
      upgrading = undefined;
    }
  }
}
