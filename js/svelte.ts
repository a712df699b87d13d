import { getContext, onMount, setContext, type Component, type Snippet } from 'svelte';
import RequireScopeFile from './RequireScope.svelte';
import * as runes from './Runes.svelte';
import ScopeDialogFile from './ScopeDialog.svelte';
import type { AskingOptions } from './frameworks/asking.js';
import { storeOf, type Auth, type AuthStore, type ScopeUpdate, type ScopeView } from './frameworks/auth-store.js';
import type { Client, FetchOptions, Scope, TokenOptions } from './types.js';

export type { AskingOptions, NotNow } from './frameworks/asking.js';
export { afterCallback, type Auth, type AuthStatus, type ScopeUpdate, type ScopeView } from './frameworks/auth-store.js';
export type { DialogTexts } from './frameworks/scope-dialog.js';

interface Provided {
  readonly store: AuthStore<any>;
  /** Reactive where it is read in an effect or a template. */
  readonly read: () => Auth<any>;
  readonly asking: AskingOptions<any> | undefined;
}

const KEY = Symbol('scopewise');

const { stateOf, derivedOf } = runes as unknown as {
  stateOf<T>(value: T): [read: () => T, write: (value: T) => void];
  derivedOf<T>(read: () => T): () => T;
};

/** Gives a client, or the promise of one, to the component that calls this and all below; with it how they ask for scopes unless they say otherwise. */
export function provideScopewise<S extends string>(client: Client<S> | Promise<Client<S>>, asking?: AskingOptions<S>): void {
  const store = storeOf(client);
  // What takes over a server's page shows the same first.
  const [read, write] = stateOf(store.loading);
  onMount(() => {
    write(store.read());
    return store.subscribe(write);
  });
  setContext<Provided>(KEY, { store, read, asking });
}

function useProvided(): Provided {
  const provided = getContext<Provided | undefined>(KEY);
  if (!provided) throw new Error('There is no provideScopewise(client) above this component.');
  return provided;
}

/** An object whose members are read anew each time, but for functions: keep it whole, since taking it apart reads them once. Which there are a sample says. */
function live<T extends object>(sample: T, read: () => Partial<T>): T {
  const memberOf = ([name, value]: [string, unknown]) => [name, { enumerable: true, ...(typeof value === 'function' ? { value } : { get: derivedOf(() => read()[name as keyof T]) }) }];
  return Object.defineProperties({}, Object.fromEntries(Object.entries(sample).map(memberOf))) as T;
}

/** Who is signed in, and what signs in and out. Keep the object whole: its members are reactive. */
export function useAuth<S extends string = string>(): Auth<S> {
  const { store, read } = useProvided();
  return live(store.loading, read);
}

/** A value, or what reads one that may change. */
export type Readable<T> = T | (() => T);

const valueOf = <T>(given: Readable<T>): T => (typeof given === 'function' ? (given as () => T)() : given);

function useView<S extends string>(scope: Readable<Scope<S>>, asking?: Readable<AskingOptions<S>>): ScopeView<S> & ScopeUpdate<S> {
  const { store, read, asking: usual } = useProvided();
  const about = () => [valueOf(scope), usual, valueOf(asking)] as const;
  const questions = store.questions(about);
  return live({ ...store.loadingScope, ...questions }, derivedOf(() => questions.seen(read(), ...about())));
}

/** Whether scopes are there, and what asks for them. Give a function where the scope may change. Keep the object whole: its members are reactive. */
export const useScope: <S extends string = string>(scope: Readable<Scope<S>>, asking?: Readable<AskingOptions<S>>) => ScopeView<S> = useView;

/** For a version of the application that needs more scopes from the start: whether to offer the update, and what does it. */
export const useScopeUpdate: <S extends string = string>(scope: Readable<Scope<S>>, asking?: Readable<AskingOptions<S>>) => ScopeUpdate<S> = useView;

/** The client's `getAccessToken`, which waits for the client. */
export const useAccessToken = <S extends string = string>(): ((options?: TokenOptions<S>) => Promise<string>) => useProvided().store.token;

/** The client's `fetch`, which waits for the client. */
export const useApi = <S extends string = string>(): ((input: RequestInfo | URL, init?: FetchOptions<S>) => Promise<Response>) => useProvided().store.fetch;

/** Shows its children where the scope is there, else its snippet `fallback`, which gets what `useScope` gives. */
export const RequireScope = RequireScopeFile as Component<{ scope: Scope; children?: Snippet; fallback?: Snippet<[ScopeView]> }>;

/** Asks by itself, in the dialog, as soon as it is rendered for somebody who is signed in without the scope; not where the user said "Not now" or no before. */
export const ScopeDialog = ScopeDialogFile as Component<AskingOptions & { scope: Scope }>;
