import { AuthError } from '../index.js';
import { isObject } from '../shapes.js';
import { Ledger, targetOf, type Target } from './ledger.js';
import { check } from './options.js';
import { methodOf, type Proofs } from './proofs.js';
import { pageUrl } from './requests.js';
import { fail, parse, parseAny, union } from './scopes.js';
import type { MockApiCall } from './types.js';
import type { ApiOptions, AuthorizationOutcome, DescribedScope, DpopProofOptions, FetchOptions, SignInOptions } from '../types.js';

/** What a call needs of the client around it. */
export interface Surroundings {
  readonly ledger: Ledger;
  readonly apis: Readonly<Record<string, ApiOptions>>;
  /** Where tokens are bound to a key. */
  readonly proofs: Proofs | undefined;
  respond(): ((call: MockApiCall) => Response | Promise<Response>) | undefined;
  token(target: Target, scopes: readonly string[], forceRefresh: boolean): string;
  /** Whether one request may be for all of them. */
  mayAskTogether(scopes: readonly string[]): boolean;
  descriptions(missing: readonly string[]): { readonly descriptions?: readonly DescribedScope[] };
  upgrade(scopes: readonly string[], options: SignInOptions): Promise<AuthorizationOutcome>;
}

/** A call, read once. */
interface Call {
  readonly url: string;
  readonly init: RequestInit;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly api: ApiOptions;
  readonly named: readonly string[];
  readonly scopes: readonly string[];
  readonly target: Target;
  readonly onMissing: 'throw' | 'popup' | 'redirect';
}

/** What an API said, where that is no answer for the application. */
interface Challenge {
  readonly error: string | undefined;
  readonly scope: readonly string[];
  readonly acrValues: string | undefined;
  readonly maxAge: number | undefined;
}

const CURABLE = ['missing_scope', 'insufficient_scope', 'insufficient_user_authentication'];

/** Calls of APIs: at most one renewal, or one upgrade, and one more try for each. */
export class ApiCalls {
  readonly #around: Surroundings;
  /** One upgrade for all calls that wait. */
  #upgrading: Promise<AuthorizationOutcome> | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  async fetch(input: RequestInfo | URL, options: FetchOptions): Promise<Response> {
    const call = await this.#read(input, options);
    this.#around.ledger.noteUsed(call.scopes, call.target);
    try {
      return await this.#try(call, true);
    } catch (error) {
      if (!(error instanceof AuthError) || !CURABLE.includes(error.code) || call.onMissing === 'throw') throw error;
      const isFull = await this.#cure(call, error);
      return this.#try(call, false).catch((again: unknown) => {
        const isSame = isFull && again instanceof AuthError && again.code !== 'missing_scope' && CURABLE.includes(again.code);
        throw isSame ? fail('upgrade_loop', LOOP, { status: again.status, missing: again.missing, ...(again.descriptions && { descriptions: again.descriptions }) }) : again;
      });
    }
  }

  /** A proof for a request that the application sends by itself. */
  async dpopProof(given: string | URL, method: unknown = 'GET', options: DpopProofOptions = {}): Promise<string> {
    check('dpopProof', options);
    if (typeof method !== 'string') throw fail('invalid_options', '"method" must be a string.');
    const { ledger, proofs } = this.#around;
    const { url, api } = this.#find(String(given));
    const token = options.accessToken ?? this.#around.token(this.#targetOf(api), [], false);
    if (!proofs || !ledger.holds(token)) throw fail('invalid_options', 'The access token is bound to no key: see the option "dpop".');
    proofs.note(url, options.nonce);
    return proofs.make(url, method);
  }

  async #read(input: RequestInfo | URL, options: FetchOptions): Promise<Call> {
    if (!isObject(options)) throw fail('invalid_options', 'The options of fetch must be an object, with members of its own.');
    const { scope, audience, resource, onMissing = 'throw', ...init } = options;
    check('fetch', { scope, audience, resource, onMissing });
    const request = typeof input === 'object' && input !== null && 'url' in input ? input : undefined;
    const { url, api } = this.#find(request ? request.url : String(input));
    const named = scope === undefined ? [] : parseAny(scope);
    const selector = { ...(audience !== undefined && { audience }), ...(resource !== undefined && { resource }) };
    const isNamed = Object.keys(selector).length > 0;
    const target = isNamed ? targetOf(selector) : this.#targetOf(api);
    // Those of the call replace all of the Request's.
    const headers = plainHeaders(init.headers ?? request?.headers);
    const method = methodOf(init.method ?? request?.method ?? 'GET');
    const body = init.body ?? (request?.body ? await request.clone().text() : undefined);
    if (body !== undefined && ['GET', 'HEAD'].includes(method)) throw fail('invalid_options', 'No request with method GET or HEAD has a body.');
    return { url, init, method, headers, body, api, named, scopes: union(api.scope === undefined ? [] : parse(api.scope), named), target, onMissing };
  }

  #find(given: string): { readonly url: string; readonly api: ApiOptions } {
    const url = urlOf(given);
    const api = findApi(this.#around.apis, url);
    if (!api) throw fail('untrusted_origin', 'The URL is neither in the option apis nor of this page\'s origin: name the API there to send it tokens. No other origin got the token.');
    return { url, api };
  }

  #targetOf(api: ApiOptions): Target {
    return api.audience !== undefined || api.resource !== undefined ? targetOf(api) : this.#around.ledger.defaultTarget;
  }

  async #try(call: Call, mayRenew: boolean): Promise<Response> {
    const token = this.#around.token(call.target, call.scopes, false);
    const response = await this.#send(call, token);
    const error = this.#judge(call, response);
    if (error !== 'invalid_token') {
      if (error) throw error;
      return response;
    }
    const other = mayRenew && this.#around.ledger.grant(call.target)?.isRenewable ? this.#around.token(call.target, call.scopes, true) : token;
    if (other === token) return response;
    const second = await this.#send(call, other);
    const again = this.#judge(call, second);
    if (again && again !== 'invalid_token') throw again;
    return second;
  }

  /** Once more where the API wants its nonce in the proof (RFC 9449 §9). */
  async #send(call: Call, token: string): Promise<Response> {
    const { proofs } = this.#around;
    const used = proofs?.nonce(call.url);
    const response = await this.#sendOnce(call, token);
    const isNonceWanted = response.status === 401 && challengeOf(response).error === 'use_dpop_nonce';
    return isNonceWanted && proofs?.nonce(call.url) !== used ? this.#sendOnce(call, token) : response;
  }

  async #sendOnce({ url, init, method, headers, body }: Call, token: string): Promise<Response> {
    const { proofs } = this.#around;
    const all = { ...headers, authorization: `${proofs ? 'DPoP' : 'Bearer'} ${token}`, ...(proofs && { dpop: proofs.make(url, method) }) };
    const respond = this.#around.respond();
    try {
      const call = () => globalThis.fetch(url, { ...init, method, headers: all, ...(body !== undefined && { body: body as BodyInit }) });
      const response = await (respond ? respond({ url, method, headers: all, body, token }) : call());
      proofs?.note(url, response.headers?.get('dpop-nonce'));
      return response;
    } catch (cause) {
      if (init.signal?.aborted) throw init.signal.reason;
      const message = 'The server cannot be reached, or the page may not read its answer.';
      throw new AuthError({ code: 'network', message, retryable: ['GET', 'HEAD', 'OPTIONS'].includes(method) }, cause);
    }
  }

  /** What a response asks for; nothing where it is the application's. */
  #judge(call: Call, response: Response): AuthError | 'invalid_token' | undefined {
    const { status } = response;
    if (status !== 401 && status !== 403) return undefined;
    const { error, scope, acrValues, maxAge } = challengeOf(response);
    if (status === 401 && (error === undefined || error === 'invalid_token')) return 'invalid_token';
    const named = scope.length > 0 ? scope : call.named;
    const allowed = call.api.challengeScope === undefined ? undefined : parse(call.api.challengeScope);
    const lacking = this.#around.ledger.missing(named, call.target);
    const missing = lacking.filter((one) => allowed?.includes(one) ?? true);
    const details = { status, missing, ...this.#around.descriptions(missing) };
    if (error === 'insufficient_user_authentication') {
      const message = 'The API wants a stronger or newer sign-in (acrValues and maxAge say which). Call upgrade with both, or fetch with onMissing.';
      return fail('insufficient_user_authentication', message, { ...details, ...(acrValues !== undefined && { acrValues }), ...(maxAge !== undefined && { maxAge }) });
    }
    if (error !== 'insufficient_scope' && !(error === undefined && scope.length > 0)) return undefined;
    if (named.length === 0) return fail('challenge_unreadable', 'The API refused without a scope that the page can read.', details);
    if (lacking.length === 0) return fail('upgrade_loop', LOOP, details);
    return fail('insufficient_scope', `The API refused the token, which lacks ${missing.join(', ')}. Call upgrade for what is in missing, or fetch with onMissing.`, details);
  }

  /** Upgrades for what a call misses. True where all of it is there then. */
  async #cure({ target, onMissing }: Call, error: AuthError): Promise<boolean> {
    const { ledger } = this.#around;
    const wanted = error.missing ?? [];
    const lacking = ledger.missing(wanted, target);
    const { acrValues, maxAge } = error;
    const isStepUp = acrValues !== undefined || maxAge !== undefined;
    const lacksToken = error.code === 'missing_scope' && !ledger.grant(target);
    // Another call's upgrade brought it meanwhile.
    if (wanted.length > 0 && lacking.length === 0 && !isStepUp) return true;
    if ((lacking.length === 0 && !isStepUp && !lacksToken) || ledger.wasDenied(lacking, target) || !this.#around.mayAskTogether(lacking) || onMissing === 'throw') throw error;
    const [audience, ...resource] = JSON.parse(target) as [string | null, ...string[]];
    const selector = { ...(audience !== null && { audience }), ...(resource.length > 0 && { resource: resource.length === 1 ? resource[0]! : resource as never }) };
    const options = { ...selector, mode: onMissing, ...(acrValues !== undefined && { acrValues }), ...(maxAge !== undefined && { maxAge }) };
    this.#upgrading ??= this.#around.upgrade(wanted, options).finally(() => (this.#upgrading = undefined));
    const outcome = await this.#upgrading;
    const left = ledger.missing(wanted, target);
    if (outcome.outcome === 'granted' && left.length === 0) return true;
    // Where an API names all scopes that would do, one may be enough.
    if (error.code === 'missing_scope' || left.length === wanted.length) throw error;
    return false;
  }
}

const LOOP = 'What the API asks for is granted, and it still refuses. Compare what its WWW-Authenticate names with what it checks.';

/** An absolute URL of what an application gave. */
export function urlOf(given: string): string {
  const url = URL.canParse(given, pageUrl()) ? new URL(given, pageUrl()) : undefined;
  if (!url || url.username || url.password) throw fail('invalid_options', 'The URL is none that fetch takes.');
  return url.href;
}

/** The API of a URL: the longest prefix, in whole path segments, or the page's own origin. */
export function findApi(apis: Readonly<Record<string, ApiOptions>>, url: string): ApiOptions | undefined {
  const entries = Object.entries(apis).map(([prefix, api]) => [new URL(prefix, pageUrl()).href, api] as const);
  const matching = [[pageUrl().origin, {}] as const, ...entries].filter(([prefix]) => isUnder(url, prefix));
  return matching.sort(([one], [other]) => other.length - one.length)[0]?.[1];
}

export function isUnder(url: string, prefix: string): boolean {
  const base = url.split(/[?#]/)[0]!;
  const rest = base.slice(prefix.length);
  return base.startsWith(prefix) && (rest === '' || rest.startsWith('/') || prefix.endsWith('/'));
}

function plainHeaders(headers: HeadersInit | undefined): Record<string, string> {
  if (!headers) return {};
  const pairs = 'forEach' in headers && !Array.isArray(headers) ? fromHeaders(headers as Headers) : Array.isArray(headers) ? headers : Object.entries(headers);
  return Object.fromEntries(pairs.map(([name, value]) => [name!.toLowerCase(), String(value)]));
}

function fromHeaders(headers: Headers): [string, string][] {
  const pairs: [string, string][] = [];
  headers.forEach((value, name) => pairs.push([name, value]));
  return pairs;
}

/** The first challenge for a token (RFC 6750 §3, RFC 9449 §7.1). */
function challengeOf({ headers }: Response): Challenge {
  const text = /\b(?:Bearer|DPoP)\b(.*)$/i.exec(headers?.get('www-authenticate') ?? '')?.[1] ?? '';
  const parameters = Object.fromEntries([...text.matchAll(/([a-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi)].map(([, name, quoted, bare]) => [name!.toLowerCase(), quoted ?? bare!]));
  const { error, scope = '', acr_values: acrValues, max_age: maxAge } = parameters as Record<string, string | undefined>;
  return { error, scope: scope.split(' ').filter(Boolean), acrValues, maxAge: maxAge === undefined ? undefined : Number(maxAge) };
}
