import { describe, puttingOff, tokens, type AskingOptions } from './asking.js';
import type { AuthorizationOutcome, Client, DescribedScope, FetchOptions, ScopeStatus, Session, SignInOptions, SignOutOptions, TokenOptions } from './types.js';

/** Whether somebody is signed in. "loading": there is no client yet; "error": there will be none. "expired": the user is known, and has to sign in again. */
export type AuthStatus = 'loading' | 'signed-in' | 'signed-out' | 'expired' | 'error';

/** Who is signed in, and what signs in and out: in the click, where there is a client. Neither rejects: what went wrong is `error`. */
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

/** What a page knows of its client: immutable, and another object after every change. */
export interface AuthState<S extends string = string> extends Pick<Auth<S>, 'status' | 'session' | 'client'> {
  /** What comes of the last calls, by the scopes that were asked for; those of the client as a whole by "". */
  readonly calls: Readonly<Record<string, Pick<Auth, 'pending' | 'error'>>>;
}

/** Scopes as an interface needs them. */
export interface ScopeView<S extends string = string> {
  /** Whether all are there. For the interface only: the API decides. */
  readonly granted: boolean;
  /** That of the first scope which is missing, else of the first; "loading" until there is a client. */
  readonly status: ScopeStatus | 'loading';
  readonly missing: readonly S[];
  /** What the missing ones are for. */
  readonly descriptions: readonly DescribedScope<S>[];
  /** Whether to offer them unasked: somebody is signed in without them, and said neither "Not now" nor no. */
  readonly visible: boolean;
  /** They are being asked for. */
  readonly pending: boolean;
  /** Why the last question failed, else null. A no is not a failure, and neither is a popup that the user closed. */
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
  /** Asks unasked. Returns what closes the dialog. */
  readonly show: () => () => void;
}

/** What pages show first, and servers show at all. */
export const LOADING: AuthState<any> = { status: 'loading', session: null, client: null, calls: {} };

const IDLE = { pending: false, error: null };

/** What every part of a page shares of one client. */
export type AuthStore<S extends string = string> = ReturnType<typeof open<S>>;

function open<S extends string>(given: Client<S> | Promise<Client<S>>) {
  let state: AuthState<S> = LOADING;
  const listeners = new Set<() => void>();
  const putOff = puttingOff();

  /** The latest state: the same object for as long as nothing changes. */
  const read = (): AuthState<S> => {
    const session = state.client?.session;
    if (session && session !== state.session) state = { ...state, session, status: !session.signedIn ? 'signed-out' : session.expired ? 'expired' : 'signed-in' };
    return state;
  };
  const set = (change?: Partial<AuthState<S>>): void => {
    state = { ...read(), ...change };
    listeners.forEach((listener) => listener());
  };
  const note = (key: string, called: AuthState['calls'][string], more?: Partial<AuthState<S>>): void => set({ calls: { ...state.calls, [key]: called }, ...more });
  /** Calls at once where there is a client. */
  const call = async <T>(to: (client: Client<S>) => Promise<T>): Promise<T> => to(state.client ?? (await given));
  /** Calls, and notes what comes of it: false for what fails. Users who close a popup do not need to be told. */
  const attempt = async (key: string, to: (client: Client<S>) => Promise<unknown>): Promise<boolean> => {
    const work = call(to);
    const called = { pending: true, error: null };
    note(key, called);
    let error = null;
    const value = await work.catch((thrown) => {
      if (thrown?.code !== 'popup_closed') error = thrown;
      return false;
    });
    // A later call has the word.
    if (state.calls[key] === called) note(key, { pending: false, error });
    return value !== false;
  };
  /** Asks. `closing` closes the dialog, and nothing else. */
  const request = (key: string, options: AskingOptions<S>, closing = options.signal): Promise<boolean> => attempt(key, async (client) => {
    const { dialog = client.session.signedIn, notNow, texts, locale, ...upgrade } = options;
    const missing = describe(client, lacking(client.session, key), locale);
    const proceed = async (step: typeof missing) => (await client.upgrade(names(step), { mode: 'popup', ...upgrade })).outcome === 'granted';
    if (missing.length === 0) return true;
    if (!dialog && (missing.length === 1 || !missing.some(({ sensitive }) => sensitive))) return proceed(missing);
    // A chunk of its own: most visits ask nothing.
    const { ask } = await import('./scope-dialog.js');
    return ask(missing, proceed, (step) => putOff.add(names(step), notNow), texts, closing);
  });
  const begin = (client: Client<S>): void => {
    client.subscribe(() => {
      putOff.remove(client.session.granted);
      set();
    });
    // A server shows what its pages show first.
    if (!isServer) note('', { pending: false, error: failures.get(client) ?? null }, { client });
  };
  const signIn = (options?: SignInOptions<S>) => attempt('', (client) => client.signIn(options));
  const signOut = (options?: SignOutOptions) => attempt('', (client) => client.signOut(options));

  'then' in given ? given.then(begin, (error) => note('', { pending: false, error }, { status: 'error' })) : begin(given);
  return {
    read,
    subscribe(listener: () => void): () => void {
      // Nothing changes on a server, and what renders there for one request is to be forgotten after it.
      if (!isServer) listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    client: () => call(async (client) => client),
    token: (options?: TokenOptions<S>) => call((client) => client.getAccessToken(options)),
    fetch: (input: RequestInfo | URL, init?: FetchOptions<S>) => call((client) => client.fetch(input, init)),
    auth: ({ calls, ...seen }: AuthState<S>): Auth<S> => ({ ...seen, ...IDLE, ...calls[''], signIn, signOut }),
    scope({ client, session, status, calls }: AuthState<S>, key: string, options: AskingOptions<S>): Shown<S> {
      const missing = lacking(session, key);
      const ask = (more?: AskingOptions<S>) => request(key, { ...options, ...more });
      return {
        granted: missing.length === 0,
        status: client ? client.scopeStatus(missing[0] ?? tokens<S>(key)[0]!) : 'loading',
        missing,
        descriptions: client ? describe(client, missing, options.locale) : [],
        visible: status === 'signed-in' && missing.some((one) => client!.scopeStatus(one) !== 'denied') && !putOff.has(missing, options.notNow),
        ...IDLE,
        ...calls[key],
        request: ask,
        update: (more) => ask({ dialog: false, ...more }),
        dismiss() {
          putOff.add(missing, options.notNow);
          set();
        },
        show() {
          const closing = new AbortController();
          void request(key, options, closing.signal);
          return () => closing.abort();
        },
      };
    },
  };
}

const names = <S extends string>(scopes: readonly DescribedScope<S>[]): S[] => scopes.map(({ scope }) => scope);

const lacking = <S extends string>(session: Session<S> | null, key: string): S[] => tokens<S>(key).filter((scope) => !session?.has(scope));

export const isServer = typeof document === 'undefined';
const stores = new WeakMap<object, AuthStore<any>>();
const failures = new WeakMap<object, unknown>();

/** The store of a client, or of the promise of one. */
export function storeOf<S extends string>(client: Client<S> | Promise<Client<S>>): AuthStore<S> {
  const store = stores.get(client) ?? open(client);
  stores.set(client, store);
  return store;
}

/**
 * Handles the authorization response in the page's URL, if there is one, before anything is rendered, and resolves to the client. Give that promise to the provider.
 * `returned` gets the outcome; by default the address bar gets `outcome.returnTo`. Where the response is an error, `useAuth().error` has it. On a server there is nothing to handle.
 */
export async function afterCallback<S extends string>(given: Client<S> | Promise<Client<S>>, returned: (outcome: AuthorizationOutcome<S>) => unknown = ({ returnTo }) => history.replaceState(null, '', returnTo)): Promise<Client<S>> {
  const client = await given;
  const outcome = isServer ? null : await client.handleCallback().catch((error) => void failures.set(client, error));
  if (outcome) await returned(outcome);
  return client;
}
