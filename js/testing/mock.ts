import { Snapshots, freeze, published, type Module } from '../session.js';
import { isSignal } from '../shapes.js';
import { ApiCalls, findApi, isUnder, urlOf } from './fetch.js';
import { Ledger, targetOf, type Target } from './ledger.js';
import { check, checkMock } from './options.js';
import { Proofs, unsigned } from './proofs.js';
import { Requests, checkSignOutReturn, pageUrl } from './requests.js';
import { checkDescriptions, checkSensitive, describe, fail, minus, parse, parseAny, union } from './scopes.js';
import type { MockCall, MockClient, MockOptions } from './types.js';
import type { ApiOptions, AuthorizationOutcome, Claims, DescribeOptions, DpopProofOptions, FetchOptions, GrantSelector, Scope, SignInOptions, SignOutOptions, TokenOptions } from '../types.js';

const DEFAULT_MIN_VALIDITY = 30;
const API_CALL_MIN_VALIDITY = 10;
/** The longest that a timer can wait, milliseconds. */
const MAX_WAIT = 2 ** 31 - 1;

const claimsOf = (user: string | Claims): Claims => freeze(typeof user === 'string' ? { sub: user } : JSON.parse(JSON.stringify(user)) as Claims);

/** A client for tests of applications: see `MockOptions` for what it is told, and `MockClient` for what a test does with it. */
export function createMockClient<S extends string = string>(options: MockOptions<NoInfer<S>> = {}): MockClient<S> {
  return new Mock(options as MockOptions).client as unknown as MockClient<S>;
}

class Mock {
  readonly client: MockClient;
  readonly #options: MockOptions;
  readonly #ledger: Ledger;
  readonly #requests: Requests;
  readonly #apiCalls: ApiCalls;
  readonly #snapshots: Snapshots<string>;
  readonly #calls: MockCall[] = [];
  /** The calls that are under way: how to end each before its time. */
  readonly #underWay = new Set<(reason: unknown) => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isExpired = false;
  #isClosed = false;

  constructor(options: MockOptions) {
    checkMock(options);
    this.#options = options;
    checkDescriptions(options.scopes ?? {});
    checkSensitive('sign-in', parseAny(options.scope ?? 'openid'), options.scopes ?? {});
    this.#snapshots = new Snapshots<string>((call) => call(), (scope) => this.#missing(scope), parse);
    this.#ledger = new Ledger(targetOf(options), typeof options.provider === 'object' ? options.provider : undefined, options.expiresIn === undefined ? 3600 : options.expiresIn, () => this.#changed());
    this.client = this.#methods();
    const user = claimsOf(options.user ?? 'user');
    this.#requests = new Requests(this.#ledger, user, options, this.client);
    this.#apiCalls = new ApiCalls({
      ledger: this.#ledger, apis: options.apis ?? {}, proofs: options.dpop ? new Proofs() : undefined, respond: () => this.client.respond,
      token: (target, scopes, forceRefresh) => this.#token({ target, scopes, minValidity: API_CALL_MIN_VALIDITY, forceRefresh }),
      mayAskTogether: (scopes) => scopes.length < 2 || !describe(scopes, options.scopes ?? {}).some(({ sensitive }) => sensitive),
      descriptions: (missing) => this.#requests.descriptions(missing),
      upgrade: (scopes, given) => this.#run((ended) => this.#requests.upgrade(scopes, given, ended)),
    });
    if (options.signedIn ?? options.user !== undefined) {
      const granted = parseAny(options.granted ?? options.requested ?? options.scope ?? 'openid');
      const requested = union(parseAny(options.requested ?? granted), granted);
      this.#ledger.signIn(user, this.#ledger.defaultTarget, requested, granted, options.assumed === undefined ? [] : parse(options.assumed));
      if (!this.#ledger.user && options.user !== undefined) this.#ledger.user = user;
    }
    this.#snapshots.open({ state: () => this.#ledger.state() } as unknown as Module);
  }

  #methods(): MockClient {
    const mock = this;
    const told = this.#options;
    return {
      onSignIn: told.onSignIn ?? 'grant',
      onUpgrade: told.onUpgrade ?? 'grant',
      onRefresh: told.onRefresh ?? 'renew',
      respond: told.respond,
      calls: this.#calls,
      get left() { return mock.#requests.left; },
      get session() {
        mock.#watch();
        return mock.#snapshots.read();
      },
      subscribe: (listener: () => void) => {
        if (typeof listener !== 'function') throw fail('invalid_options', '"listener" must be a function.');
        return this.#snapshots.subscribe(listener);
      },
      ...this.#asking(),
      ...this.#checks(),
      ...this.#tokens(),
      ...this.#handles(),
    };
  }

  /** What asks the user, and what ends that. */
  #asking() {
    return {
      authorizeUrl: (given?: object) => this.#sync('authorizeUrl', [given], () => this.#requests.authorizeUrl(given)),
      prepare: () => this.#async('prepare', [], async () => {}),
      signIn: (given?: SignInOptions) => this.#async('signIn', [given], async (ended) => published(await this.#requests.signIn(given, ended)), given?.signal),
      upgrade: (scope: Scope, given?: SignInOptions) =>
        this.#async('upgrade', [scope, given], async (ended) => published(await this.#requests.upgrade(scope, given, ended)), given?.signal),
      handleCallback: (url?: string) => this.#async('handleCallback', [url], async (ended): Promise<AuthorizationOutcome | null> => {
        if (url !== undefined && typeof url !== 'string') throw fail('invalid_options', '"url" must be a string.');
        const outcome = await this.#requests.handleCallback(url, ended);
        return outcome && published(outcome);
      }),
      signOut: (given?: SignOutOptions) => this.#async('signOut', [given], async () => {
        if (given !== undefined) check('signOut', given);
        checkSignOutReturn(given?.returnTo);
        this.#requests.forget();
        this.#ledger.signOut();
      }),
      close: () => {
        this.#note('close', []);
        this.#isClosed = true;
        clearTimeout(this.#timer);
        this.#snapshots.read();
        this.#snapshots.close();
        for (const stop of [...this.#underWay]) stop(fail('aborted', 'The client was closed.', { retryable: true }));
      },
    };
  }

  #checks() {
    const missing = (scope: Scope, selector?: GrantSelector) => this.#missing(scope, selector);
    return {
      missingScopes: missing,
      hasScope: (scope: Scope, selector?: GrantSelector) => missing(scope, selector).length === 0,
      hasAnyScope: (scope: Scope, selector?: GrantSelector) => missing(scope, selector).length < parse(scope).length,
      scopeStatus: (scope: string, selector?: GrantSelector) => {
        this.#check();
        return this.#ledger.status(one(scope), this.#target(selector));
      },
      explainScope: (scope: string, selector?: GrantSelector) => {
        this.#check();
        const status = this.#ledger.status(one(scope), this.#target(selector));
        return `"${scope}" ${EXPLANATIONS[status]}${this.#ledger.session > 0 ? '' : ' Nobody is signed in.'}`;
      },
      describeScopes: (scope: Scope, given: DescribeOptions = {}) => {
        check('describeScopes', given);
        return freeze(describe(parseAny(scope), this.#options.scopes ?? {}, given));
      },
      scopeReport: () => {
        this.#check();
        return published(this.#ledger.report());
      },
    };
  }

  #tokens() {
    return {
      getAccessToken: (options?: TokenOptions) => this.#async('getAccessToken', [options], async () => {
        const given = options === undefined ? {} : options;
        check('getAccessToken', given);
        const scopes = given.scope === undefined ? [] : parseAny(given.scope);
        const target = this.#targetOf(given);
        this.#ledger.noteUsed(scopes, target);
        return this.#token({ target, scopes, minValidity: given.minValidity ?? DEFAULT_MIN_VALIDITY, forceRefresh: given.forceRefresh ?? false });
      }, options?.signal),
      fetch: (input: RequestInfo | URL, init?: FetchOptions) => this.#async('fetch', [input, init], () => this.#apiCalls.fetch(input, init ?? {}), init?.signal ?? undefined, ({ reason }) => reason),
      apiScopes: (url: string | URL) => this.#async('apiScopes', [url], async () => this.#apiScopes(urlOf(String(url)))),
      dpopProof: (url: string | URL, method?: string, options?: DpopProofOptions) => this.#async('dpopProof', [url, method, options], () => this.#apiCalls.dpopProof(url, method, options)),
      idToken: () => {
        this.#check();
        return this.#ledger.user && unsigned({ alg: 'none' }, this.#ledger.user);
      },
      userInfo: () => this.#async('userInfo', [], async () => {
        this.#token({ target: this.#ledger.defaultTarget, scopes: [], minValidity: DEFAULT_MIN_VALIDITY, forceRefresh: false });
        if (!this.#ledger.user) throw fail('missing_scope', 'The userinfo endpoint wants openid.', { missing: ['openid'] });
        return this.#ledger.user;
      }),
    };
  }

  /** What a test does. */
  #handles() {
    const held = (selector?: GrantSelector) => {
      const target = this.#target(selector);
      return { target, requested: [], granted: [], assumed: [], details: undefined, ...this.#ledger.grant(target) };
    };
    return {
      answer: (url?: string, answer?: MockClient['onSignIn']) => this.#requests.answer(url, typeof answer === 'function' ? undefined : answer),
      grant: (scope: Scope, selector?: GrantSelector) => {
        if (this.#ledger.session === 0) throw new Error('Nobody is signed in: call signInAs first, or give createMockClient a user.');
        const { target, requested, granted, assumed, details } = held(selector);
        this.#ledger.authorize(target, union(requested, parse(scope)), union(granted, parse(scope)), assumed, details);
      },
      revoke: (scope: Scope, selector?: GrantSelector) => {
        const { target, requested, granted, assumed, details } = held(selector);
        if (this.#ledger.grant(target)) this.#ledger.authorize(target, requested, minus(granted, parse(scope)), assumed, details);
      },
      expire: (selector?: GrantSelector) => this.#ledger.expire(this.#target(selector)),
      signInAs: (user: string | Claims, granted?: Scope) => {
        this.#requests.user = claimsOf(user);
        const scopes = parseAny(granted ?? this.#options.scope ?? 'openid');
        this.#ledger.signIn(this.#requests.user, this.#ledger.defaultTarget, scopes, scopes);
        this.#ledger.user = this.#requests.user;
      },
    };
  }

  #check(): void {
    if (this.#isClosed) throw fail('invalid_options', 'This client was closed: create another one.');
  }

  #target(selector?: GrantSelector): Target {
    if (selector !== undefined) check('selector', selector);
    return this.#targetOf(selector);
  }

  #targetOf(selector: GrantSelector | TokenOptions | ApiOptions = {}): Target {
    return selector.audience === undefined && selector.resource === undefined ? this.#ledger.defaultTarget : targetOf(selector);
  }

  #missing(scope: Scope, selector?: GrantSelector): string[] {
    this.#check();
    const target = this.#target(selector);
    const scopes = parse(scope);
    this.#ledger.noteUsed(scopes, target);
    return this.#ledger.missing(scopes, target);
  }

  #token(wanted: Parameters<Ledger['token']>[0]): string {
    const token = this.#tokenOrFailure(() => this.#ledger.token(wanted));
    if (token !== undefined) return token;
    const says = this.client.onRefresh;
    if (says !== 'renew') {
      if (says.error === 'invalid_grant') this.#ledger.signOut();
      throw fail(says.error, `The mock was told to answer a refresh with "${says.error}".`, { retryable: ['network', 'timeout', 'temporarily_unavailable', 'server_error'].includes(says.error) });
    }
    this.#ledger.renew(wanted.target);
    return this.#ledger.grant(wanted.target)!.token;
  }

  /** A failure for want of scopes says what they are for. */
  #tokenOrFailure(work: () => string | undefined): string | undefined {
    try {
      return work();
    } catch (error) {
      const { code, message, missing } = error as { code: string; message: string; missing?: readonly string[] };
      if (!missing) throw error;
      throw fail(code, message, { missing, ...this.#requests.descriptions(missing) });
    }
  }

  #apiScopes(url: string) {
    const found = Object.entries(this.#options.supported ?? {}).find(([prefix]) => isUnder(url, new URL(prefix, pageUrl()).href));
    if (!found) throw fail('metadata_invalid', 'This mock was not told what the API supports: give createMockClient `supported`.');
    const supported = parse(found[1]);
    const missing = this.#ledger.missing(supported, this.#targetOf(findApi(this.#options.apis ?? {}, url)));
    return freeze({ resource: found[0], supported, granted: minus(supported, missing), missing });
  }

  /** What was left out is not among the arguments. */
  #note(method: MockCall['method'], args: readonly unknown[]): void {
    const given = args.map((arg) => arg !== undefined).lastIndexOf(true) + 1;
    this.#calls.push({ method, args: args.slice(0, given) });
  }

  #sync<T>(method: MockCall['method'], args: readonly unknown[], work: () => T): T {
    this.#note(method, args);
    this.#check();
    return work();
  }

  async #async<T>(method: MockCall['method'], args: readonly unknown[], work: (ended: AbortSignal) => Promise<T>, signal?: AbortSignal, reasonOf = callerAborted): Promise<T> {
    this.#note(method, args);
    this.#check();
    return this.#run(work, signal, reasonOf);
  }

  /** Makes a call, which also ends where its caller aborts it, or the client is closed. */
  async #run<T>(work: (ended: AbortSignal) => Promise<T>, signal?: AbortSignal, reasonOf = callerAborted): Promise<T> {
    if (signal !== undefined && !isSignal(signal)) throw fail('invalid_options', '"signal" must be an AbortSignal.');
    if (signal?.aborted) throw reasonOf(signal);
    const ended = new AbortController();
    let stop!: (reason: unknown) => void;
    const stopped = new Promise<never>((_, reject) => (stop = (why) => {
      ended.abort(why);
      reject(why);
    }));
    const abort = () => stop(reasonOf(signal!));
    this.#underWay.add(stop);
    signal?.addEventListener('abort', abort);
    try {
      return await Promise.race([work(ended.signal), stopped]);
    } finally {
      this.#underWay.delete(stop);
      signal?.removeEventListener('abort', abort);
    }
  }

  #changed(): void {
    this.#snapshots.changed();
    this.#isExpired = false;
    this.#watch();
  }

  /** Waits for the end of the default grant, which is a change. A clock that a test moves may be there without its timers: whoever reads the session looks, too. */
  #watch(): void {
    clearTimeout(this.#timer);
    const end = this.#ledger.end();
    if (end === null || this.#isExpired || this.#isClosed) return;
    const left = end * 1000 - Date.now();
    if (left <= 0) {
      this.#isExpired = true;
      return this.#snapshots.changed();
    }
    this.#timer = setTimeout(() => this.#watch(), Math.min(left, MAX_WAIT));
    // It keeps no process of a test alive.
    (this.#timer as { unref?: () => void }).unref?.();
  }
}

const EXPLANATIONS = {
  granted: 'is granted.',
  assumed: "counts as granted: it was requested, and the server's answer could not show it.",
  denied: 'is denied: it was requested, and the user or the server said no. Call upgrade with it when the user asks for what needs it.',
  'not-requested': 'was never requested. Call upgrade with it when a feature needs it.',
};

/** What calls end with whose caller aborts them; those of `fetch` end with the signal's own reason. */
const callerAborted = (_: AbortSignal): unknown => fail('aborted', 'The caller aborted the call.', { retryable: true });

/** One scope to the letter: not several in one text. */
const one = (scope: string): string => parse([scope])[0]!;
