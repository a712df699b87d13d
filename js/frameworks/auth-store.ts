import type { Asking, AskingOptions, DialogOptions } from './asking.js';
import type { AuthorizationOutcome, Client, DescribedScope, FetchOptions, Scope, ScopeStatus, Session, SignInOptions, SignOutOptions, TokenOptions } from '../types.js';

/** Whether somebody is signed in. "loading": there is no client yet; "error": there will be none. "expired": the user is known, and has to sign in again. */
export type AuthStatus = 'loading' | 'signed-in' | 'signed-out' | 'expired' | 'error';

/** Who is signed in, and what signs in and out: in the click, where there is a client. Neither rejects: what went wrong is `error`. Both stay the same functions. */
export interface Auth<S extends string = string> {
  readonly status: AuthStatus;
  /** Null until there is a client. */
  readonly session: Session<S> | null;
  readonly client: Client<S> | null;
  /** Somebody is about to sign in or out. */
  readonly pending: boolean;
  /** Why the last sign-in, sign-out or answer failed, or why there is no client; else null. It is an `AuthError`, or what else was thrown. */
  readonly error: unknown;
  /** Resolves to true once somebody is signed in. By default it leaves the page, and does not resolve. */
  readonly signIn: (options?: SignInOptions<S>) => Promise<boolean>;
  readonly signOut: (options?: SignOutOptions) => Promise<boolean>;
}

/** Scopes as an interface needs them. Its functions stay the same whatever changes, and its lists stay the same arrays until they say something else. */
export interface ScopeView<S extends string = string> {
  /** Whether all are there. For the interface only: the API decides. */
  readonly granted: boolean;
  /** That of the first scope which is missing, else of the first; "loading" until there is a client. */
  readonly status: ScopeStatus | 'loading';
  readonly missing: readonly S[];
  /** What the missing ones are for; none until there is a client. */
  readonly descriptions: readonly DescribedScope<S>[];
  /** Whether to offer them unasked: somebody is signed in without them, and said neither "Not now" nor no. */
  readonly visible: boolean;
  /** They are being asked for. */
  readonly pending: boolean;
  /** Why the last question failed, or why the client says nothing (it is closed, and nothing is granted), else null. A no is not a failure, and neither are a popup that the user closed and an abort. */
  readonly error: unknown;
  /** Asks for what is missing. Call it in a click, before you await anything. Resolves to whether all are granted then, and does not reject. */
  readonly request: (options?: AskingOptions<S>) => Promise<boolean>;
  /** Says "Not now" for the user. */
  readonly dismiss: () => void;
}

/** Scopes that a new version of the application needs from the start, and that sessions of the old one lack. */
export interface ScopeUpdate<S extends string = string> extends Pick<ScopeView<S>, 'missing' | 'descriptions' | 'visible' | 'pending' | 'error' | 'dismiss'> {
  /** The same as `request`, by default without the dialog: what calls it explains already. */
  readonly update: (options?: AskingOptions<S>) => Promise<boolean>;
}

/** Both, and what components of ours need besides. */
export interface Shown<S extends string = string> extends ScopeView<S>, ScopeUpdate<S> {
  /** Where it is `visible`: asks unasked. Returns what closes the dialog. */
  readonly show: () => () => void;
}

/** What there is to see. */
type Seen<S extends string> = Omit<Shown<S>, 'request' | 'update' | 'dismiss' | 'show'>;

/** What asks, and what says how things are: its lists stay the same arrays until they say something else. */
interface Questions<S extends string> extends Omit<Shown<S>, keyof Seen<S>> {
  readonly seen: (state: Auth<S>, ...about: About<S>) => Seen<S>;
}

/** Scopes, and how they are asked for as several places say it, the last of which counts. */
export type About<S extends string> = readonly [Scope<S>, ...(AskingOptions<S> | undefined)[]];

const IDLE = { pending: false, error: null };

/** A page that is still there so long after it was to be left was not left: its user chose to stay, or to stop. Milliseconds. */
const LEAVING = 5000;

/** What every part of a page shares of one client: its session, and what comes of the calls that this page makes. */
export class AuthStore<S extends string = string> {
  readonly #given: Client<S> | Promise<Client<S>>;
  readonly #listeners = new Set<(state: Auth<S>) => void>();
  /** What comes of the last calls, by the scopes that were asked for; of those that sign in and out by "". */
  readonly #calls: Record<string, Pick<Auth, 'pending' | 'error'>> = {};
  /** What pages show first, and servers show at all. */
  readonly loading: Auth<S> = {
    status: 'loading', session: null, client: null, ...IDLE,
    signIn: (options) => this.#attempt('', (client) => client.signIn(options), options?.mode ?? 'redirect'),
    signOut: (options) => this.#attempt('', (client) => client.signOut(options)),
  };
  /** The same of scopes. */
  readonly loadingScope: Seen<S> = this.scope(this.loading, []);
  #state = this.loading;
  #asking: Asking | undefined;

  constructor(given: Client<S> | Promise<Client<S>>) {
    this.#given = given;
    if ('then' in given) given.then((client) => this.#begin(client), (error) => this.#set({ status: 'error', error }));
    else this.#begin(given);
  }

  /** The latest state: the same object for as long as nothing changes. */
  readonly read = (): Auth<S> => this.#state;
  readonly subscribe = (listener: (state: Auth<S>) => void): (() => void) => {
    // Nothing changes on a server, and what renders there for one request is to be forgotten after it.
    if (!isServer) this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };
  readonly token = (options?: TokenOptions<S>): Promise<string> => this.#call((client) => client.getAccessToken(options));
  readonly fetch = (input: RequestInfo | URL, init?: FetchOptions<S>): Promise<Response> => this.#call((client) => client.fetch(input, init));

  /** The scopes as of a state. */
  scope(state: Auth<S>, ...about: About<S>): Seen<S> {
    return this.#seen({}, state, about);
  }

  /** A list that says the same as the one that was `shown` last is that one: no effect is to run again for it. */
  #seen(shown: Partial<Record<string, readonly any[]>>, state: Auth<S>, [scope, ...asking]: About<S>): Seen<S> {
    const kept = <T>(name: string, list: readonly T[]): readonly T[] => (JSON.stringify(list) === JSON.stringify(shown[name]) ? shown[name]! : (shown[name] = list));
    const options = merged(...asking);
    const scopes = tokensOf(scope);
    const seen = said<Said<S>>(() => seenOf(state, scopes, options), (error) => ({ granted: false, status: 'not-requested', missing: scopes, descriptions: [], error }));
    const missing = kept('missing', seen.missing);
    const isToOffer = () => {
      if (state.status !== 'signed-in' || missing.length === 0) return false;
      if (!this.#asking) void this.#call(this.#loadAsking).catch(() => {});
      return said(() => this.#asking?.isToOffer(missing, options.notNow), () => false) ?? false;
    };
    return {
      get visible() {
        return isToOffer();
      },
      ...IDLE,
      ...this.#calls[keyOf(scope)],
      ...seen,
      missing,
      descriptions: kept('descriptions', seen.descriptions),
    };
  }

  /** What asks for scopes: the same functions whatever changes. What they are about is read when they are called. */
  questions(about: () => About<S>): Questions<S> {
    const shown = {};
    const request = (more?: DialogOptions<S>) => {
      const [scope, ...asking] = about();
      const options = merged<DialogOptions<S>>(...asking, more);
      return this.#attempt(keyOf(scope), (client, isLast) => this.#ask(client, tokensOf(scope), options, isLast), options.mode);
    };
    return {
      seen: (state, ...now) => this.#seen(shown, state, now),
      request,
      update: (more) => request(merged({ dialog: false }, more)),
      dismiss: async () => {
        const [scope, ...asking] = about();
        await this.#call(this.#loadAsking).catch(() => {});
        this.#asking?.putOff(lacking(this.#state.session, tokensOf(scope)), merged(...asking).notNow);
        this.#set();
      },
      show: () => this.#asking!.show(request),
    };
  }

  /** Takes over what changed, with the session as it is now. Another object after every change, also of `#calls`. */
  #set(change?: Partial<Auth<S>>): void {
    this.#state = { ...this.#state, ...change };
    const session = this.#state.client?.session;
    if (session) this.#state = { ...this.#state, session, status: !session.signedIn ? 'signed-out' : session.expired ? 'expired' : 'signed-in' };
    this.#listeners.forEach((listener) => listener(this.#state));
  }

  #note(key: string, called: Pick<Auth, 'pending' | 'error'>): void {
    this.#calls[key] = called;
    this.#set(key ? {} : called);
  }

  #begin(client: Client<S>): void {
    client.subscribe(() => this.#set());
    // A server shows what its pages show first.
    if (!isServer) this.#set({ client, error: failures.get(client) ?? null });
  }

  /** Calls at once where there is a client. */
  async #call<T>(to: (client: Client<S>) => Promise<T>): Promise<T> {
    return to(this.#state.client ?? (await this.#given));
  }

  /** Calls, and notes what comes of it: false for what fails. Users who close a popup do not need to be told, nor applications that abort. */
  async #attempt(key: string, to: (client: Client<S>, isLast: () => boolean) => Promise<unknown>, mode?: string): Promise<boolean> {
    const called = { pending: true, error: null };
    const isLast = () => this.#calls[key] === called;
    this.#note(key, called);
    const settled = new AbortController();
    const staying = () => {
      settled.abort();
      if (isLast()) this.#note(key, IDLE);
    };
    // What left the page never settles, and the back button may bring the page back as it was. Or it is not left after all.
    globalThis.addEventListener?.('pageshow', ({ persisted }) => persisted && staying(), settled);
    if (mode === 'redirect') globalThis.addEventListener?.('beforeunload', () => setTimeout(staying, LEAVING), settled);
    let error = null;
    const value = await this.#call((client) => to(client, isLast)).catch((thrown) => {
      if (!['popup_closed', 'aborted'].includes(thrown?.code)) error = thrown;
      return false;
    });
    settled.abort();
    // A later call has the word.
    if (isLast()) this.#note(key, { ...IDLE, error });
    return value !== false;
  }

  /** What asks users, and knows what they put off: most visits need neither. Where it cannot be had nothing is offered, and `request` says why. */
  readonly #loadAsking = async (client: Client<S>): Promise<Asking> => {
    const asking = (await import('./asking.js')).askingOf(client);
    if (asking !== this.#asking) {
      this.#asking = asking;
      this.#set();
    }
    return asking;
  };

  /** Asks for what is missing of some scopes: at once where no dialog is to come first. */
  async #ask(client: Client<S>, scopes: readonly S[], options: DialogOptions<S>, isLast: () => boolean): Promise<boolean> {
    const { dialog = client.session.signedIn, notNow, texts, locale, closing, ...upgrade } = options;
    const missing = lacking(client.session, scopes);
    const hasSensitive = missing.length > 1 && client.describeScopes?.(missing).some(({ sensitive }) => sensitive);
    const proceed = async (step: readonly S[]) => (await client.upgrade(step, { mode: 'popup', ...upgrade })).outcome === 'granted';
    if (!dialog && !hasSensitive) return proceed(scopes);
    const asking = await this.#loadAsking(client);
    // Two clicks before it came are one question.
    return isLast() && asking.ask(missing, proceed, options);
  }
}

/** What a client says of scopes. */
type Said<S extends string> = Pick<ScopeView<S>, 'granted' | 'status' | 'missing' | 'descriptions'> & { readonly error?: unknown };

function seenOf<S extends string>({ client, session }: Auth<S>, scopes: readonly S[], { locale }: AskingOptions<S>): Said<S> {
  const missing = lacking(session, scopes);
  return {
    granted: session !== null && missing.length === 0,
    status: client ? client.scopeStatus(missing[0] ?? scopes[0]!) : 'loading',
    missing,
    descriptions: client?.describeScopes?.(missing, locale ? { locale } : {}) ?? [],
  };
}

/** What a client says, or what to show instead: one that is closed, or whose module stopped, throws, and no render is to end with it. What is no scope is a mistake to find. */
function said<T>(ask: () => T, instead: (error: unknown) => T): T {
  try {
    return ask();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'invalid_scope_syntax') throw error;
    return instead(error);
  }
}

/** Each member of a view by itself: what a framework's `computed` makes of reading it; functions as they are. Which there are a sample says: reading the view itself may be too early. */
export function members<T extends object, Members>(sample: T, read: () => Partial<T>, computed: (read: () => unknown) => unknown): Members {
  return Object.fromEntries(Object.entries(sample).map(([name, value]) => [name, typeof value === 'function' ? value : computed(() => read()[name as keyof T])])) as Members;
}

/** Options of several places in one: what a later place says counts. What is undefined is not said. */
const merged = <T extends object>(...places: (T | undefined)[]): T =>
  Object.fromEntries(places.flatMap((place) => Object.entries(place ?? {})).filter(([, value]) => value !== undefined)) as T;

/** A scope argument as one text. */
export const keyOf = (scope: Scope): string => [scope].flat().join(' ');

const tokensOf = <S extends string>(scope: Scope<S>): S[] => [...new Set(keyOf(scope).split(' ').filter(Boolean))] as S[];

const lacking = <S extends string>(session: Session<S> | null, scopes: readonly S[]): S[] => scopes.filter((scope) => !session?.has(scope));

export const isServer = typeof document === 'undefined';
const stores = new WeakMap<object, AuthStore<any>>();
const failures = new WeakMap<object, unknown>();

/** The store of a client, or of the promise of one. */
export function storeOf<S extends string>(client: Client<S> | Promise<Client<S>>): AuthStore<S> {
  const store = stores.get(client) ?? new AuthStore(client);
  stores.set(client, store);
  return store;
}

/**
 * Handles the authorization response in the page's URL, if there is one, before anything is rendered, and resolves to the client. Give that promise to the provider.
 * `returned` gets the outcome; by default the address bar gets `outcome.returnTo`. Where the response is an error, `useAuth().error` has it. On a server there is nothing to handle.
 */
export async function afterCallback<S extends string>(given: Client<S> | Promise<Client<S>>, returned: (outcome: AuthorizationOutcome<S>) => unknown = ({ returnTo }) => history.replaceState(null, '', returnTo)): Promise<Client<S>> {
  const client = await given;
  const outcome = await client.handleCallback().catch((error) => void failures.set(client, error));
  if (outcome) await returned(outcome);
  return client;
}
