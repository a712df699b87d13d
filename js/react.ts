import { createContext, createElement, useContext, useEffect, useInsertionEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react';
import type { AskingOptions } from './frameworks/asking.js';
import { keyOf, storeOf, type About, type Auth, type AuthStore, type ScopeUpdate, type ScopeView, type Shown } from './frameworks/auth-store.js';
import type { Client, FetchOptions, Scope, TokenOptions } from './types.js';

export type { AskingOptions, NotNow } from './frameworks/asking.js';
export { afterCallback, type Auth, type AuthStatus, type ScopeUpdate, type ScopeView } from './frameworks/auth-store.js';
export type { DialogTexts } from './frameworks/scope-dialog.js';

interface Provided {
  readonly store: AuthStore<any>;
  readonly asking: AskingOptions<any> | undefined;
}

const Context = createContext<Provided | null>(null);

export interface ScopewiseProviderProps<S extends string = string> {
  /** A client, or the promise of one. Make it outside of components, once. */
  readonly client: Client<S> | Promise<Client<S>>;
  /** How everything below asks for scopes, unless it says otherwise. */
  readonly asking?: AskingOptions<S>;
  readonly children?: ReactNode;
}

/** Gives a client to everything below. */
export function ScopewiseProvider<S extends string>({ client, asking, children }: ScopewiseProviderProps<S>): ReactNode {
  const value = useMemo(() => ({ store: storeOf(client), asking }), [client, asking]);
  return createElement(Context.Provider, { value }, children);
}

function useProvided(): Provided {
  const provided = useContext(Context);
  if (!provided) throw new Error('There is no ScopewiseProvider.');
  return provided;
}

/** Who is signed in, and what signs in and out. */
export function useAuth<S extends string = string>(): Auth<S> {
  const { store } = useProvided();
  return useSyncExternalStore(store.subscribe, store.read, () => store.loading);
}

/** What asks about what was rendered last, and what is told that: the functions stay the same, also with options that are written where they are given. */
function questionsOf<S extends string>(store: AuthStore<S>): [ReturnType<typeof store.questions>, (now: About<S>) => void] {
  let about: About<S> = [[]];
  return [store.questions(() => about), (now) => void (about = now)];
}

function useView<S extends string>(scope: Scope<S>, asking?: AskingOptions<S>): Shown<S> {
  const { store, asking: usual } = useProvided();
  const state = useAuth<S>();
  const key = keyOf(scope);
  const [questions, tell] = useMemo(() => questionsOf(store), [store]);
  useInsertionEffect(() => tell([key, usual, asking]));
  return useMemo(() => Object.assign(questions.seen(state, key, usual, asking), questions), [state, key, usual, asking, questions]);
}

/** Whether scopes are there, and what asks for them. */
export const useScope: <S extends string = string>(scope: Scope<S>, asking?: AskingOptions<S>) => ScopeView<S> = useView;

/** For a version of the application that needs more scopes from the start: whether to offer the update, and what does it. */
export const useScopeUpdate: <S extends string = string>(scope: Scope<S>, asking?: AskingOptions<S>) => ScopeUpdate<S> = useView;

/** The client's `getAccessToken`, which waits for the client. The function stays the same. */
export function useAccessToken<S extends string = string>(): (options?: TokenOptions<S>) => Promise<string> {
  return useProvided().store.token;
}

/** The client's `fetch`, which waits for the client. The function stays the same. */
export function useApi<S extends string = string>(): (input: RequestInfo | URL, init?: FetchOptions<S>) => Promise<Response> {
  return useProvided().store.fetch;
}

export interface RequireScopeProps<S extends string = string> {
  readonly scope: Scope<S>;
  /** What to show without the scope: a node, which waits until there is a client, or a function of what `useScope` gives. */
  readonly fallback?: ReactNode | ((scope: ScopeView<S>) => ReactNode);
  readonly children?: ReactNode;
}

/** Shows its children where the scope is there. */
export function RequireScope<S extends string = string>({ scope, fallback, children }: RequireScopeProps<S>): ReactNode {
  const view = useScope(scope);
  if (view.granted) return children;
  if (typeof fallback === 'function') return fallback(view);
  return view.status === 'loading' ? null : fallback;
}

export interface ScopeDialogProps<S extends string = string> extends AskingOptions<S> {
  readonly scope: Scope<S>;
}

/** Asks by itself, in the dialog, as soon as it is rendered for somebody who is signed in without the scope; not where the user said "Not now" or no before. */
export function ScopeDialog<S extends string = string>({ scope, ...asking }: ScopeDialogProps<S>): ReactNode {
  const { visible, show } = useView(scope, asking);
  const key = keyOf(scope);
  // Other options, or another state, are no reason to ask again; another scope is.
  useEffect(() => (visible ? show() : undefined), [visible, show, key]);
  return null;
}
