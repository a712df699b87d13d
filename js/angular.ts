import { Location, PlatformLocation } from '@angular/common';
import { HttpContextToken, HttpErrorResponse, HttpHeaders, HttpResponse, type HttpEvent, type HttpInterceptorFn, type HttpRequest } from '@angular/common/http';
import { DestroyRef, InjectionToken, computed, inject, makeEnvironmentProviders, signal, type EnvironmentProviders, type Signal } from '@angular/core';
import { Router, type CanActivateFn } from '@angular/router';
import { Observable } from 'rxjs';
import { keyOf, type AskingOptions } from './asking.js';
import { storeOf, type Auth, type AuthState, type AuthStore, type ScopeUpdate, type ScopeView } from './auth-store.js';
import type { Client, FetchOptions, Scope, TokenOptions } from './types.js';

export type { AskingOptions, NotNow } from './asking.js';
export { afterCallback, type Auth, type AuthStatus, type ScopeUpdate, type ScopeView } from './auth-store.js';
export type { DialogTexts } from './scope-dialog.js';

interface Provided {
  readonly store: AuthStore<any>;
  readonly state: Signal<AuthState<any>>;
  readonly asking: AskingOptions<any> | undefined;
}

const PROVIDED = new InjectionToken<Provided>('provideScopewise');

/** The provider: with a client or the promise of one, and how the application asks for scopes unless it says otherwise. */
export function provideScopewise<S extends string>(client: Client<S> | Promise<Client<S>>, asking?: AskingOptions<S>): EnvironmentProviders {
  const provided = (): Provided => {
    const store = storeOf(client);
    const state = signal<AuthState<any>>(store.read());
    inject(DestroyRef).onDestroy(store.subscribe(() => state.set(store.read())));
    return { store, state, asking };
  };
  return makeEnvironmentProviders([{ provide: PROVIDED, useFactory: provided }]);
}

/** Each member as a signal; functions as they are. */
export type Signals<T> = { readonly [K in keyof T]: T[K] extends (...args: never[]) => unknown ? T[K] : Signal<T[K]> };

/** A signal for each of some members, and functions that call the latest. Nothing is read before it is asked for: inputs have no value yet. */
function signals<T extends object>(read: () => T, values: readonly (keyof T)[], calls: readonly (keyof T)[]): Signals<T> {
  const view = computed(read);
  const signalOf = (name: keyof T) => [name, computed(() => view()[name])];
  const callOf = (name: keyof T) => [name, (...args: unknown[]) => (view()[name] as (...args: unknown[]) => unknown)(...args)];
  return Object.fromEntries([...values.map(signalOf), ...calls.map(callOf)]);
}

/** Who is signed in, and what signs in and out. */
export function injectAuth<S extends string = string>(): Signals<Auth<S>> {
  const { store, state } = inject(PROVIDED);
  return signals<Auth<S>>(() => store.auth(state()), ['status', 'session', 'client', 'pending', 'error'], ['signIn', 'signOut']);
}

/** Whether scopes are there, and what asks for them. A function is read again when a signal in it changes. */
export function injectScope<S extends string = string>(scope: Scope<S> | (() => Scope<S>), asking?: AskingOptions<S>): Signals<ScopeView<S> & ScopeUpdate<S>> {
  const { store, state, asking: usual } = inject(PROVIDED);
  const key = computed(() => keyOf(typeof scope === 'function' ? scope() : scope));
  const view = (): ScopeView<S> & ScopeUpdate<S> => store.scope(state(), key(), { ...usual, ...asking });
  return signals(view, ['granted', 'status', 'missing', 'descriptions', 'visible', 'pending', 'error'], ['request', 'dismiss', 'update']);
}

/** The same, for a version of the application that needs more scopes from the start: whether to offer the update, and what does it. */
export const injectScopeUpdate: <S extends string = string>(scope: Scope<S> | (() => Scope<S>), asking?: AskingOptions<S>) => Signals<ScopeUpdate<S>> = injectScope;

/** The client's `getAccessToken`, which waits for the client. */
export const injectAccessToken = <S extends string = string>(): ((options?: TokenOptions<S>) => Promise<string>) => inject(PROVIDED).store.token;

/** The client's `fetch`, which waits for the client. */
export const injectApi = <S extends string = string>(): ((input: RequestInfo | URL, init?: FetchOptions<S>) => Promise<Response>) => inject(PROVIDED).store.fetch;

/** Opens a route to whoever is signed in; sends everybody else to sign in, and back to the route. */
export const requireSignIn: CanActivateFn = async (_, { url }) => {
  const [{ store }, routes, page] = [inject(PROVIDED), inject(Location), inject(PlatformLocation)];
  const client = await store.client();
  if (client.session.signedIn && !client.session.expired) return true;
  // Routes are in the application's folder, or behind a "#".
  return store.auth(store.read()).signIn({ returnTo: new URL(routes.prepareExternalUrl(url), page.href).href });
};

/** Opens a route to whoever has the scopes; others go to another route, or stay where they are. Nobody is asked: that takes a click. */
export const requireScope = (scope: Scope, otherwise?: string): CanActivateFn => async () => {
  const [{ store }, router] = [inject(PROVIDED), inject(Router)];
  const client = await store.client();
  return client.hasScope(scope) || (otherwise === undefined ? false : router.parseUrl(otherwise));
};

/** What a request needs besides: `http.get(url, { context: new HttpContext().set(API_OPTIONS, { scope: 'write:x' }) })`. */
export const API_OPTIONS = new HttpContextToken<Pick<FetchOptions, 'scope' | 'audience' | 'resource' | 'onMissing'>>(() => ({}));

/**
 * Sends requests to URLs that begin with one of these by the client's `fetch`, with a token, a proof and its second tries. All others go on as they are.
 * The client sends tokens to `apis` and the page's own origin and nowhere else, whatever is said here.
 */
export const apiInterceptor = (urls: readonly string[], options: FetchOptions = {}): HttpInterceptorFn => (request, next) => {
  const { href } = new URL(request.urlWithParams, location.href);
  if (!urls.some((url) => href.startsWith(new URL(url, location.href).href))) return next(request);
  const { store } = inject(PROVIDED);
  return new Observable<HttpEvent<unknown>>((subscriber) => {
    const leaving = new AbortController();
    answer(request, store.fetch(href, { ...options, ...request.context.get(API_OPTIONS), ...initOf(request), signal: leaving.signal })).then(
      (event) => (subscriber.next(event), subscriber.complete()),
      (error) => subscriber.error(error),
    );
    return () => leaving.abort();
  });
};

function initOf(request: HttpRequest<unknown>): RequestInit {
  const headers = new Headers();
  for (const name of request.headers.keys()) for (const value of request.headers.getAll(name) ?? []) headers.append(name, value);
  const type = request.detectContentTypeHeader();
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  if (!headers.has('accept')) headers.set('accept', 'application/json, text/plain, */*');
  return { method: request.method, headers, body: request.serializeBody() as BodyInit | null };
}

/** The response as Angular has it; one that is no success is an error there. What `fetch` rejects with is `error` of that. */
async function answer({ responseType, urlWithParams }: HttpRequest<unknown>, call: Promise<Response>): Promise<HttpResponse<unknown>> {
  const failed = (error: unknown) => new HttpErrorResponse({ error, status: 0, url: urlWithParams });
  const response = await call.catch((error) => {
    throw failed(error);
  });
  const { status, statusText, url } = response;
  const init = { status, statusText, url, headers: new HttpHeaders(response.headers) };
  const body = await bodyOf(response, responseType);
  if (!response.ok) throw new HttpErrorResponse({ ...init, error: body });
  return new HttpResponse({ ...init, body });
}

async function bodyOf(response: Response, type: HttpRequest<unknown>['responseType']): Promise<unknown> {
  if (type === 'arraybuffer') return response.arrayBuffer();
  if (type === 'blob') return response.blob();
  const text = await response.text();
  if (type === 'text') return text;
  try {
    return text === '' ? null : JSON.parse(text);
  } catch (error) {
    // The body of a failure need not be JSON, as with Angular's own.
    if (response.ok) throw new HttpErrorResponse({ error: { error, text }, status: response.status, url: response.url });
    return text;
  }
}
