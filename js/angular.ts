import { Location, PlatformLocation } from '@angular/common';
import { DestroyRef, InjectionToken, TransferState, afterNextRender, computed, inject, makeEnvironmentProviders, makeStateKey, signal, type EnvironmentProviders, type Signal } from '@angular/core';
import { Router, type CanActivateFn } from '@angular/router';
import type { AskingOptions } from './frameworks/asking.js';
import { isServer, members, storeOf, type Auth, type AuthStore, type ScopeUpdate, type ScopeView } from './frameworks/auth-store.js';
import type { Client, FetchOptions, Scope, TokenOptions } from './types.js';

export type { AskingOptions, NotNow } from './frameworks/asking.js';
export { afterCallback, type Auth, type AuthStatus, type ScopeUpdate, type ScopeView } from './frameworks/auth-store.js';
export type { DialogTexts } from './frameworks/scope-dialog.js';

interface Provided {
  readonly client: Client<any> | Promise<Client<any>>;
  readonly store: AuthStore<any>;
  readonly state: Signal<Auth<any>>;
  readonly asking: AskingOptions<any> | undefined;
}

/** A server rendered the page. */
const RENDERED = makeStateKey<boolean>('scopewise');

const PROVIDED = new InjectionToken<Provided>('provideScopewise');

/** The provider: with a client or the promise of one, and how the application asks for scopes unless it says otherwise. */
export function provideScopewise<S extends string>(client: Client<S> | Promise<Client<S>>, asking?: AskingOptions<S>): EnvironmentProviders {
  const useFactory = (): Provided => {
    const store = storeOf(client);
    const transfer = inject(TransferState);
    if (isServer) transfer.set(RENDERED, true);
    // What takes over a server's page shows the same first.
    let isTakingOver = transfer.get(RENDERED, false);
    const read = () => (isTakingOver ? store.loading : store.read());
    const state = signal<Auth<any>>(read());
    inject(DestroyRef).onDestroy(store.subscribe(() => state.set(read())));
    afterNextRender(() => {
      isTakingOver = false;
      state.set(read());
    });
    return { client, store, state, asking };
  };
  return makeEnvironmentProviders([{ provide: PROVIDED, useFactory }]);
}

/** Each member as a signal; functions as they are. */
export type Signals<T> = { readonly [K in keyof T]: T[K] extends (...args: never[]) => unknown ? T[K] : Signal<T[K]> };

/** Who is signed in, and what signs in and out. */
export function injectAuth<S extends string = string>(): Signals<Auth<S>> {
  const { store, state } = inject(PROVIDED);
  return members(store.loading, state, computed);
}

/** Whether scopes are there, and what asks for them. A function is read again when a signal in it changes. */
export function injectScope<S extends string = string>(scope: Scope<S> | (() => Scope<S>), asking?: AskingOptions<S>): Signals<ScopeView<S> & ScopeUpdate<S>> {
  const { store, state, asking: usual } = inject(PROVIDED);
  const about = () => [typeof scope === 'function' ? scope() : scope, usual, asking] as const;
  const questions = store.questions(about);
  const view = computed(() => questions.seen(state(), ...about()));
  // The view is not read before it is asked for: inputs have no value yet.
  return members<object, Signals<ScopeView<S> & ScopeUpdate<S>>>({ ...store.loadingScope, ...questions }, view, computed);
}

/** The same, for a version of the application that needs more scopes from the start: whether to offer the update, and what does it. */
export const injectScopeUpdate: <S extends string = string>(scope: Scope<S> | (() => Scope<S>), asking?: AskingOptions<S>) => Signals<ScopeUpdate<S>> = injectScope;

/** The client's `getAccessToken`, which waits for the client. */
export const injectAccessToken = <S extends string = string>(): ((options?: TokenOptions<S>) => Promise<string>) => inject(PROVIDED).store.token;

/** The client's `fetch`, which waits for the client. */
export const injectApi = <S extends string = string>(): ((input: RequestInfo | URL, init?: FetchOptions<S>) => Promise<Response>) => inject(PROVIDED).store.fetch;

/** Opens a route to whoever is signed in; sends everybody else to sign in, and back to the route, unless the page was just come back to with a failure. Servers do not know who that is: they open all. */
export const requireSignIn: CanActivateFn = async (_, { url }) => {
  const [{ client, store }, routes, page, router] = [inject(PROVIDED), inject(Location), inject(PlatformLocation), inject(Router)];
  await client;
  const { status, error, signIn } = store.read();
  // The server would give the same answer again, and the page would go round in circles.
  const isBackInVain = error !== null && !router.navigated;
  // Routes are in the application's folder, or behind a "#".
  return isServer || status === 'signed-in' || (!isBackInVain && signIn({ returnTo: new URL(routes.prepareExternalUrl(url), page.href).href }));
};

/** Opens a route to whoever has the scopes; others go to another route, or stay where they are. Nobody is asked: that takes a click. Servers open all. */
export const requireScope = (scope: Scope, otherwise?: string): CanActivateFn => async () => {
  const { client } = inject(PROVIDED);
  const router = inject(Router);
  return isServer || (await client).hasScope(scope) || (otherwise !== undefined && router.parseUrl(otherwise));
};
