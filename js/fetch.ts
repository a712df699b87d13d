import { AuthError, list, member, members } from './error.js';
import { Call, invalid, record } from './options.js';
import type { AuthorizationOutcome, Client, FetchOptions } from './types.js';

/** What `fetch` needs of the client. */
export interface Caller<S extends string> {
  readonly fetch: typeof globalThis.fetch | undefined;
  call(method: Call, given: string): string;
  /** Another access token, where the stored one does not last. */
  renewed(given: string, signal: AbortSignal): Promise<string>;
  /** Counts scopes of the default audience as used. */
  use(scope: S[]): void;
  upgrade: Client<S>['upgrade'];
}

/** A call that did not come to a response: its fields, the token that was sent, if one was, and why. */
interface Failed {
  given: string;
  sent: string | undefined;
  error: unknown;
}

/** The client's `fetch`: a token for those who may have one, and at most one upgrade and one more try for each call. */
export function caller<S extends string>({ fetch, call, renewed, use, upgrade }: Caller<S>): Client<S>['fetch'] {
  /** The upgrade under way, which all calls wait for that miss something. */
  let upgrading: Promise<AuthorizationOutcome<S>> | undefined;

  const tokenFor = async (given: string, signal: AbortSignal) => call(Call.callToken, given) || renewed(given, signal).catch((reason) => {
    signal.throwIfAborted();
    throw reason;
  });

  /** Sends a request with a token. With `again` another one is tried where the API does not take that one. */
  async function send(request: Request, given: string, token: string, again?: () => Request): Promise<Response> {
    request.headers.set('authorization', `Bearer ${token}`);
    const response = await (fetch ?? globalThis.fetch)(request);
    const { status, type, url } = response;
    // Without a URL it was made by the page itself, or is a redirect that the caller wanted to see.
    let answer = given + member('final_url', url || request.url) + member('status', String(status));
    if (status === 401 || status === 403) {
      const header = response.headers.get('www-authenticate');
      if (header !== null) answer += member('header', header.slice(0, 1 << 15).replace(/[\x1d\x1e]/g, ' '));
      else if (type === 'cors') answer += member('unreadable', '');
    }
    const isTokenAtFault = call(Call.callAnswer, answer) === 'renew';
    if (!isTokenAtFault || !again) return response;
    const other = await renewed(given + member('forceRefresh', '') + member('before', token), request.signal).catch(() => '');
    return other && other !== token ? send(again(), given, other) : response;
  }

  return async (input, options) => {
    const { scope, audience, resource, onMissing = 'throw', ...init } = options ?? ({} as FetchOptions<S>);
    if (!['throw', 'popup', 'redirect'].includes(onMissing)) throw invalid('"onMissing" must be throw, popup or redirect.');
    const request = new Request(input, init);
    const { method, signal } = request;
    signal.throwIfAborted();
    const { body } = init;
    // A stream is gone once it was sent, and a Request has its body as one.
    const isOnce = body == null ? input instanceof Request && !/^(GET|HEAD)$/.test(method) : 'getReader' in Object(body);
    const given = member('url', request.url.replace(/#.*/, '')) + record('fetch', { scope, audience, resource });
    const again = isOnce ? undefined : () => new Request(input, init);
    use(list(members(call(Call.callUpgrade, given)).used));
    let sent: string | undefined;
    try {
      // Checked before anything is sent: what is missing now leaves the body as it is.
      sent = await tokenFor(given, signal);
      return await send(request, given, sent, again);
    } catch (error) {
      if (sent !== undefined && isOnce) throw error;
      const gone = new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      if (!(await Promise.race([help({ given, sent, error }, onMissing, signal), gone]))) throw error;
      try {
        return await send(sent === undefined ? request : new Request(input, init), given, await tokenFor(given, signal));
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

  /** Upgrades for what an error says is missing. True where it is there, false where the user was not asked or said no. */
  async function help({ given, sent, error }: Failed, mode: 'throw' | 'popup' | 'redirect', signal: AbortSignal): Promise<boolean> {
    if (!(error instanceof AuthError) || !/^missing_scope$|^insufficient_|^upgrade_loop$/.test(error.code)) return false;
    const { code, missing = [], acrValues, maxAge } = error;
    const isStepUp = code === 'insufficient_user_authentication';
    for (let outcome = ''; ; ) {
      const { target, refused, missing: lacking, used } = members(call(Call.callUpgrade, given + member('missing', missing.join(' '))));
      if (!lacking) {
        if (outcome === 'granted' || (missing.length > 0 && !isStepUp)) return true;
        // Another token came while the API looked at this one.
        if (sent !== undefined && (await tokenFor(given, signal)) !== sent) return true;
      }
      const asks = lacking || (isStepUp && (acrValues ?? maxAge) !== undefined);
      if (outcome || mode === 'throw' || refused !== undefined || !asks) return false;
      if (upgrading) {
        // What that one came to is the answer for all who wait, unless its caller gave up.
        await upgrading.catch((reason) => {
          if (reason.code !== 'aborted') throw reason;
        });
        continue;
      }
      const named = new URLSearchParams(target);
      const selector = { audience: named.get('audience') ?? undefined, resource: named.getAll('resource') };
      use(list(used));
      upgrading = upgrade(missing as S[], { ...selector, mode, signal, acrValues, maxAge } as object);
      try {
        ({ outcome } = await upgrading);
      } finally {
        upgrading = undefined;
      }
    }
  }
}
