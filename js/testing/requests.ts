import { freeze } from '../session.js';
import { targetOf, type Ledger, type Target } from './ledger.js';
import { check } from './options.js';
import { checkSensitive, describe, descriptionOf, fail, minus, parse, parseAny, union } from './scopes.js';
import type { MockAnswer, MockAnswers, MockOptions, MockRequest } from './types.js';
import type { AuthorizationOutcome, AuthorizationRequest, Claims, DescribedScope, SignInOptions } from '../types.js';

type Outcome = AuthorizationOutcome;
type Mode = MockRequest['mode'];
type Given = Readonly<SignInOptions>;

/** A request for scopes that is under way, or was answered. */
interface Asked {
  readonly state: string;
  readonly request: MockRequest;
  readonly target: Target;
  /** What the application could not do without it: with a token that has run out, all of it. */
  readonly wanted: readonly string[];
  readonly appState: unknown;
  readonly returnTo: string;
  readonly createdAt: number;
  /** The session that asked, and its user; 0 where there was none. */
  readonly session: number;
  readonly subject: string | undefined;
  answer?: MockAnswer;
  outcome?: Promise<Outcome>;
  /** The session that the outcome is of. */
  answeredIn?: number;
}

/** What users and servers will say, as of now. */
interface Answers {
  readonly onSignIn: MockAnswers;
  readonly onUpgrade: MockAnswers;
}

const RETRYABLE = ['popup_blocked', 'popup_closed', 'frame_blocked', 'network', 'timeout', 'temporarily_unavailable', 'server_error'];
const ANSWERS: readonly string[] = ['grant', 'partial', 'deny', 'popup-blocked', 'popup-closed', 'other-user'];
const LIFETIME = 3600;
const MAX_APP_STATE = 256 * 1024;

/** Requests for scopes, and what comes of them. */
export class Requests {
  /** Where the page was sent last. */
  left: string | null = null;
  /** Who signs in next. */
  user: Claims;
  readonly callbackUrl: string;
  readonly #ledger: Ledger;
  readonly #options: MockOptions;
  readonly #table: NonNullable<MockOptions['scopes']>;
  readonly #answers: Answers;
  readonly #asked = new Map<string, Asked>();
  #waiting: Asked | undefined;
  /** A call for the page's URL that is under way. */
  #handling: Promise<Outcome | null> | undefined;
  #count = 0;

  constructor(ledger: Ledger, user: Claims, options: MockOptions, answers: Answers) {
    this.#ledger = ledger;
    this.user = user;
    this.#options = options;
    this.#answers = answers;
    this.callbackUrl = new URL(options.redirectUri ?? '/', pageUrl().origin).href;
    this.#table = options.scopes ?? {};
  }

  authorizeUrl(given: Given = {}): AuthorizationRequest {
    check('authorizeUrl', given);
    const asked = this.#ask('sign-in', 'redirect', this.#firstScopes(given), given);
    return { url: this.#url(asked), state: asked.state };
  }

  /** Never settles where the page is left. */
  signIn(given: Given = {}, ended: AbortSignal): Promise<Outcome> {
    check('signIn', given);
    return this.#go(this.#ask('sign-in', given.mode ?? 'redirect', this.#firstScopes(given), given), ended);
  }

  async upgrade(scope: unknown, given: Given = {}, ended: AbortSignal): Promise<Outcome> {
    const named = parseAny(scope);
    check('upgrade', given);
    if (this.#ledger.session === 0) throw fail('not_signed_in', 'Nobody is signed in. Call signIn first.');
    const params = Object.keys(given.params ?? {});
    const isStepUp = given.acrValues !== undefined || given.maxAge !== undefined || given.prompt !== undefined
      || ['claims', 'acr_values', 'max_age', 'prompt'].some((name) => params.includes(name));
    const target = this.#target(given);
    const alwaysAsks = isStepUp || (given.authorizationDetails?.length ?? 0) > 0 || !this.#ledger.isUsable(target);
    const scopes = alwaysAsks ? named : parse(named);
    this.#ledger.noteUsed(scopes, target);
    const missing = this.#ledger.missing(scopes, target);
    checkSensitive('upgrade', missing, this.#table);
    const held = this.#ledger.granted(target);
    if (missing.length === 0 && !alwaysAsks) {
      return { kind: 'upgrade', outcome: 'granted', requested: scopes, granted: [...held], missing: [], ...this.#details(target), appState: copied(given.appState), returnTo: returnTo(given.returnTo) };
    }
    const requested = union(this.#ledger.user ? ['openid'] : [], held, scopes);
    return this.#go(this.#ask('upgrade', given.mode ?? 'redirect', requested, given, scopes), ended);
  }

  /** The callback URL of an answer. */
  answer(url: string | undefined, answer: MockAnswer | undefined): string {
    const asked = this.#asked.get(url === undefined ? this.#waiting?.state ?? '' : new URL(url).searchParams.get('state') ?? '');
    if (!asked) throw new Error('No request of this mock is waiting for an answer: give the URL of authorizeUrl, or call signIn or upgrade first.');
    if (answer !== undefined) asked.answer = answer;
    const says = answer === 'deny' ? { error: 'access_denied' } : typeof answer === 'object' && 'error' in answer ? { error: answer.error } : { code: 'mock-code' };
    const callback = new URL(this.callbackUrl);
    const parameters = new URLSearchParams({ ...says, state: asked.state });
    if (asked.request.options.responseMode === 'fragment') callback.hash = parameters.toString();
    else for (const [name, value] of parameters) callback.searchParams.append(name, value);
    return callback.href;
  }

  /** Without a URL: the page's, or else the answer to the request that the page was left for. Until that is handled, further calls get the same. */
  handleCallback(url: string | undefined, ended: AbortSignal): Promise<Outcome | null> {
    if (url !== undefined) return this.#handle(url, ended);
    const over = () => (this.#handling = undefined);
    if (!this.#handling) (this.#handling = this.#handle(url, ended)).then(over, over);
    return this.#handling!;
  }

  async #handle(url: string | undefined, ended: AbortSignal): Promise<Outcome | null> {
    if (url !== undefined && !URL.canParse(url, pageUrl())) throw fail('response_malformed', 'The authorization response makes no sense: its URL is none.');
    const asked = this.#find(new URL(url ?? pageUrl().href, pageUrl()), url === undefined) ?? (url === undefined ? this.#waiting : undefined);
    if (!asked) return null;
    if (this.#waiting === asked) this.#waiting = undefined;
    if (asked.outcome) {
      const outcome = await asked.outcome.catch(() => undefined);
      if (outcome && asked.answeredIn === this.#ledger.session) return outcome;
      throw fail('callback_consumed', 'The authorization response was handled before. Start again if there is no session.');
    }
    if (Date.now() / 1000 - asked.createdAt > LIFETIME) {
      this.#asked.delete(asked.state);
      throw this.#failed(asked, 'transaction_expired', 'The sign-in took more than an hour. Start again.');
    }
    return (asked.outcome = this.#settle(asked, ended));
  }

  /** A sign-out ends what was not answered. */
  forget(): void {
    this.#waiting = undefined;
    for (const { state, outcome } of this.#asked.values()) if (!outcome) this.#asked.delete(state);
  }

  /** What missing scopes are for, where that is known of one of them. */
  descriptions(missing: readonly string[]): { readonly descriptions?: readonly DescribedScope[] } {
    return missing.some((scope) => descriptionOf(scope, this.#table)) ? { descriptions: describe(missing, this.#table) } : {};
  }

  /** What is granted besides scopes, where the server said so. */
  #details(target: Target): { readonly authorizationDetails?: readonly object[] } {
    const details = this.#ledger.grant(target)?.details;
    return details ? { authorizationDetails: details } : {};
  }

  #target(given: Given): Target {
    return given.audience === undefined && given.resource === undefined ? this.#ledger.defaultTarget : targetOf(given);
  }

  #firstScopes(given: Given): string[] {
    const { scope = this.#options.scope ?? 'openid' } = given;
    const scopes = parseAny(scope);
    checkSensitive('sign-in', scopes, this.#table);
    return scopes;
  }

  #ask(kind: MockRequest['kind'], mode: Mode, requested: readonly string[], given: Given, wants = requested): Asked {
    const target = this.#target(given);
    const { signal: _, ...options } = given;
    const isSignIn = kind === 'sign-in';
    const missing = isSignIn ? requested : this.#ledger.lacking(requested, target);
    const wanted = isSignIn ? requested : this.#ledger.missing(wants, target);
    const asked: Asked = {
      state: `mock-state-${(this.#count += 1)}`, request: Object.freeze({ kind, mode, requested, missing, options }), target, wanted,
      appState: copied(given.appState), returnTo: returnTo(given.returnTo), createdAt: Date.now() / 1000, session: this.#ledger.session, subject: this.#ledger.user?.sub,
    };
    if (mode === 'redirect') this.#asked.set(asked.state, asked);
    return asked;
  }

  #go(asked: Asked, ended: AbortSignal): Promise<Outcome> {
    if (asked.request.mode !== 'redirect') return this.#settle(asked, ended);
    this.left = this.#url(asked);
    this.#waiting = asked;
    return new Promise(() => {});
  }

  #url({ state, request }: Asked): string {
    const { loginHint, prompt, acrValues, maxAge, uiLocales, authorizationDetails, params, audience = this.#options.audience } = request.options;
    const details = authorizationDetails && JSON.stringify(authorizationDetails);
    const more = { login_hint: loginHint, prompt, acr_values: acrValues, max_age: maxAge?.toString(), ui_locales: uiLocales, authorization_details: details, audience, ...this.#options.authorizationParams, ...params };
    const issuer = this.#options.issuer ?? this.#options.metadata?.issuer ?? 'https://id.example';
    const url = new URL(this.#options.metadata?.authorization_endpoint ?? `${issuer.replace(/\/$/, '')}/authorize`);
    const parameters = { response_type: 'code', client_id: this.#options.clientId ?? 'mock', redirect_uri: this.callbackUrl, scope: request.requested.join(' '), state, ...more };
    for (const [name, value] of Object.entries<string | undefined>(parameters)) if (value !== undefined) url.searchParams.set(name, value);
    url.search = url.search.replaceAll('+', '%20');
    return url.href;
  }

  /** The request that a URL is the answer to. What is the application's own is none. */
  #find(url: URL, isPage: boolean): Asked | undefined {
    for (const part of ['search', 'hash'] as const) {
      const parameters = new URLSearchParams(url[part].slice(1));
      const state = parameters.get('state');
      const isMarked = parameters.has('code') || parameters.has('error');
      const asked = this.#asked.get(state ?? '');
      const isHere = part === 'search' && url.origin + url.pathname === this.callbackUrl.split(/[?#]/)[0];
      if (!isMarked || (!asked && !isHere)) continue;
      if (!state && [...this.#asked.values()].every(({ outcome }) => outcome)) continue;
      if (isPage) clean(url, part, parameters);
      if (!state) throw fail('state_missing', 'The authorization response has no state, so it belongs to no request. Start again.');
      if (!asked) throw fail('transaction_missing', 'No request with this state was started here, or its session is over. Start again.');
      const error = parameters.get('error');
      const description = parameters.get('error_description');
      if (error) asked.answer ??= { error, ...(description !== null && { description }) };
      return asked;
    }
    return undefined;
  }

  async #settle(asked: Asked, ended: AbortSignal): Promise<Outcome> {
    const { kind, mode } = asked.request;
    const says = kind === 'sign-in' ? this.#answers.onSignIn : this.#answers.onUpgrade;
    const answer = asked.answer ?? (typeof says === 'function' ? await says(asked.request) : says);
    if (ended.aborted) throw ended.reason;
    if (typeof answer === 'string' && !ANSWERS.includes(answer)) throw new TypeError(`The mock was told "${answer}": it knows ${ANSWERS.join(', ')}, and objects with granted or error.`);
    if ((answer === 'popup-blocked' || answer === 'popup-closed') && mode !== 'popup') {
      throw new TypeError(`The mock was told "${answer}", and this ${kind} is not in a popup but of mode "${mode}".`);
    }
    if (answer === 'popup-blocked') throw this.#failed(asked, 'popup_blocked', 'The browser blocked the popup. Call it in a click, or use mode redirect.');
    if (answer === 'popup-closed') throw this.#failed(asked, 'popup_closed', 'The popup was closed before the answer came. The session is as it was; offer to try again.');
    this.#checkAsker(asked);
    const isNo = answer === 'deny' || (typeof answer === 'object' && 'error' in answer && answer.error === 'access_denied');
    if (isNo && kind === 'upgrade') return this.#denied(asked);
    if (isNo) throw this.#failed(asked, 'access_denied', 'The authorization endpoint answered an error: the user, or the server, said no. Offer to ask again; the session is as it was.');
    if (typeof answer === 'object' && 'error' in answer) throw this.#failed(asked, answer.error, `The mock was told to answer "${answer.error}".`, answer.description);
    return this.#granted(asked, answer);
  }

  /** The answer counts for the session that asked. After a redirect a sign-in begins one, whatever became of that. */
  #checkAsker({ session, subject, request }: Asked): void {
    if (session === 0 || session === this.#ledger.session) return;
    const isOver = this.#ledger.session === 0 || subject === undefined || subject !== this.#ledger.user?.sub;
    if (isOver && (request.mode !== 'redirect' || (request.kind === 'upgrade' && this.#ledger.session === 0))) {
      throw fail('transaction_missing', 'No request with this state was started here, or its session is over. Start again.');
    }
  }

  #denied(asked: Asked): Outcome {
    const { request, target } = asked;
    const granted = this.#ledger.granted(target);
    const outcome = this.#outcome(asked, granted, minus(request.requested, granted));
    this.#ledger.deny(target, outcome.missing);
    asked.answeredIn = this.#ledger.session;
    return asked.wanted.length > 0 ? outcome : { ...outcome, outcome: 'denied' };
  }

  #granted(asked: Asked, answer: Exclude<MockAnswer, { readonly error: unknown }>): Outcome {
    const { request, target, subject } = asked;
    const { requested, missing, kind } = request;
    // Silently nobody may change the user, whom an ID token named before.
    const isSameUser = kind === 'upgrade' || (request.mode === 'silent' && subject !== undefined);
    const isOther = answer === 'other-user';
    // An upgrade of a user who is known always brings an ID token: it says who came back.
    const isKnown = isSameUser && asked.session > 0 && subject !== undefined;
    const proof = isKnown && kind === 'upgrade' ? ['openid'] : [];
    const given = typeof answer === 'object' ? parse(answer.granted) : answer === 'partial' ? minus(missing, proof).slice(0, 1) : missing;
    const answered = requested.filter((scope) => given.includes(scope) || proof.includes(scope) || !missing.includes(scope));
    const granted = requested.filter((scope) => this.#ledger.closure(answered).includes(scope));
    if (!granted.includes('openid')) this.#checkWithoutIdToken(asked, isKnown);
    if (isOther && isKnown) throw this.#failed(asked, 'subject_mismatch', 'Another user came back. The session is as it was; to change users, call signIn.');
    const isNew = this.#ledger.session === 0 || !(isSameUser && asked.session > 0);
    const before = this.#ledger.granted(target);
    const assumed = this.#ledger.grant(target)?.assumed ?? [];
    const other = { sub: this.#ledger.user?.sub === 'other-user' ? 'another-user' : 'other-user' };
    const details = (typeof answer === 'object' ? answer.authorizationDetails : undefined) ?? request.options.authorizationDetails;
    const copy = details && freeze(copied(details)) as readonly object[];
    if (isNew) this.#ledger.signIn(isOther ? other : this.user, target, requested, granted, assumed, copy);
    else {
      if (!isKnown) this.#ledger.user = granted.includes('openid') ? (isOther ? other : this.user) : null;
      this.#ledger.authorize(target, requested, granted, assumed, copy);
    }
    asked.answeredIn = this.#ledger.session;
    return this.#outcome(asked, granted, union(minus(requested, granted), kind === 'upgrade' ? minus(before, granted) : []));
  }

  /** Nobody can tell who came back, and how they signed in. */
  #checkWithoutIdToken(asked: Asked, isKnown: boolean): void {
    const { acrValues, maxAge, params } = asked.request.options;
    const [acr, age] = [acrValues ?? params?.['acr_values'], maxAge ?? (params?.['max_age'] === undefined ? undefined : Number(params['max_age']))];
    if (acr !== undefined || age !== undefined) {
      const details = { missing: [], ...(acr !== undefined && { acrValues: acr }), ...(age !== undefined && { maxAge: age }) };
      throw this.#failed(asked, 'insufficient_user_authentication', 'The user came back without the sign-in that was wanted: there is no ID token to show it.', undefined, details);
    }
    if (isKnown) throw this.#failed(asked, 'id_token_invalid', 'The ID token is not there, and nobody can tell whether the same user came back.');
  }

  #outcome({ request, target, wanted, appState, returnTo }: Asked, granted: readonly string[], missing: readonly string[]): Outcome {
    const isDenied = wanted.length > 0 && wanted.every((scope) => missing.includes(scope));
    const outcome = missing.length === 0 ? 'granted' : isDenied ? 'denied' : 'partial';
    return { kind: request.kind, outcome, requested: [...request.requested], granted: [...granted], missing, ...this.descriptions(missing), ...this.#details(target), appState, returnTo };
  }

  #failed({ appState, returnTo }: Asked, code: string, message: string, description?: string, details: object = {}): Error {
    return fail(code, message, {
      ...details, retryable: RETRYABLE.includes(code), returnTo, ...(appState !== null && { appState }), ...(description !== undefined && { description }),
    });
  }
}

/** The page's URL, or one that stands for it. */
export function pageUrl(): URL {
  const href = typeof location === 'undefined' ? '' : location.href;
  return new URL(/^https?:/.test(href) ? href : 'http://localhost/');
}

/** Takes a response out of the address bar. */
function clean(url: URL, part: 'search' | 'hash', parameters: URLSearchParams): void {
  for (const name of ['code', 'state', 'error', 'error_description', 'error_uri', 'iss', 'session_state']) parameters.delete(name);
  const rest = new URL(url);
  rest[part] = parameters.toString();
  globalThis.history?.replaceState(globalThis.history.state, '', rest.href);
}

/** As it comes back from storage. */
function copied(appState: unknown): unknown {
  if (appState === undefined) return null;
  let text: string;
  try {
    text = JSON.stringify(appState);
  } catch {
    text = '';
  }
  // A function has no JSON text.
  if (!text || text.length > MAX_APP_STATE) throw fail('invalid_options', '"appState" must be a JSON value of 256 KiB at the most.');
  return JSON.parse(text) as unknown;
}

/** A path of this origin and nothing else; by default where the page is. */
function returnTo(text: string | undefined): string {
  const page = pageUrl();
  const path = text === page.origin ? '/' : text?.startsWith(`${page.origin}/`) ? text.slice(page.origin.length) : text ?? page.pathname + page.search + page.hash;
  const isPath = /^\/(?!\/)[^\s\\]*$/.test(path) && !path.split(/[?#]/)[0]!.split('/').some((part) => /^(\.|%2e){1,2}$/i.test(part));
  if (!isPath) throw fail('invalid_return_to', 'returnTo must be a path of this origin, without dot segments or backslashes.');
  return path;
}

/** A sign-out comes back to a path of this origin, or to any URL that is safe. */
export function checkSignOutReturn(text: string | undefined): void {
  if (text === undefined || /^\/(?![/\\])/.test(text)) return;
  const url = /^https?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  const isLoopback = url && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (url?.protocol !== 'https:' && !isLoopback) throw fail('invalid_return_to', 'returnTo of signOut must be a path of this origin, or an https URL.');
}
