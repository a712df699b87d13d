// The adapters as applications write them. What must not compile says so.
import { createClient, type Client, type DescribedScope, type Session } from '../../pkg/index.js';
import * as react from '../../pkg/react.js';
import { HttpContext, type HttpInterceptorFn } from '@angular/common/http';
import type { EnvironmentProviders, Signal } from '@angular/core';
import type { CanActivateFn } from '@angular/router';
import * as angular from '../../pkg/angular.js';
import { API_OPTIONS, apiInterceptor } from '../../pkg/angular-http.js';
import * as svelte from '../../pkg/svelte.js';
import * as vue from '../../pkg/vue.js';
import { createElement, type ReactElement, type ReactNode } from 'react';
import { createApp, h, type ComputedRef } from 'vue';
import type { Component } from 'svelte';
import { holds, type Both } from './compare.js';

type Scopes = 'read:x' | 'write:x';

declare const client: Client<Scopes>;
const made: Promise<Client<Scopes>> = react.afterCallback(createClient<Scopes>({ clientId: 'app', issuer: 'https://id.example', scope: 'read:x' }));
void react.afterCallback(client, ({ outcome, appState, returnTo }) => void [outcome, appState, returnTo]);

export function inReact(): ReactElement {
  const { status, session, error, pending, signIn, signOut } = react.useAuth<Scopes>();
  holds<Both<typeof status, 'loading' | 'signed-in' | 'signed-out' | 'expired' | 'error'>>();
  holds<Both<typeof session, Session<Scopes> | null>>();
  holds<Both<typeof pending, boolean>>();
  const signedIn: Promise<boolean> = signIn({ mode: 'popup', scope: 'read:x' });
  void [error, signedIn, signOut({ returnTo: '/' })];
  // @ts-expect-error: not one of the application's scopes
  void signIn({ scope: 'other' });

  const { granted, missing, descriptions, request } = react.useScope<Scopes>(['read:x', 'write:x'], { notNow: 30 });
  holds<Both<typeof granted, boolean>>();
  holds<Both<typeof missing, readonly Scopes[]>>();
  holds<Both<typeof descriptions, readonly DescribedScope<Scopes>[]>>();
  void request({ dialog: false, mode: 'redirect', returnTo: '/', appState: { draft: 1 } });
  // @ts-expect-error: the scopes are those of the default audience
  void request({ audience: 'https://other.example' });
  // @ts-expect-error: no such place
  react.useScope('read:x', { notNow: 'always' });
  // @ts-expect-error: not one of the application's scopes
  react.useScope<Scopes>('other');
  react.useScope('any:x');

  const { visible, update, dismiss } = react.useScopeUpdate<Scopes>('write:x');
  void [visible, update(), dismiss()];
  // @ts-expect-error: a banner updates, a button requests
  void react.useScopeUpdate('write:x').request;
  const token: Promise<string> = react.useAccessToken<Scopes>()({ scope: 'read:x', minValidity: 60 });
  const response: Promise<Response> = react.useApi<Scopes>()('/api', { method: 'POST', scope: 'write:x', onMissing: 'popup' });
  void [token, response];

  const fallback = ({ status, request }: react.ScopeView): ReactNode => createElement('button', { onClick: () => request() }, status);
  return createElement(react.ScopewiseProvider<Scopes>, { client: made, asking: { notNow: 'session', texts: { heading: 'Bitte' } } },
    createElement(react.RequireScope, { scope: 'write:x', fallback }, 'secret'),
    createElement(react.RequireScope, { scope: 'write:x', fallback: 'no' }, 'secret'),
    createElement(react.ScopeDialog<Scopes>, { scope: 'write:x', notNow: 7 }));
}

// @ts-expect-error: a provider without a client
createElement(react.ScopewiseProvider, {});
// @ts-expect-error: of what?
createElement(react.RequireScope, {});

export function inVue(): void {
  const app = createApp({});
  app.use(vue.scopewise, client);
  app.use(vue.scopewise, made, { notNow: 30 });
  // @ts-expect-error: a plugin without a client
  app.use(vue.scopewise);
  const { status, session, signIn } = vue.useAuth<Scopes>();
  holds<Both<typeof session, ComputedRef<Session<Scopes> | null>>>();
  const isOver: boolean = status.value === 'expired';
  // @ts-expect-error: there is no such status
  void (status.value === 'signed_in');
  const { granted, missing, request } = vue.useScope<Scopes>(() => ['write:x']);
  holds<Both<typeof granted, ComputedRef<boolean>>>();
  holds<Both<typeof missing, ComputedRef<readonly Scopes[]>>>();
  const asked: Promise<boolean> = request();
  const { visible, update, dismiss } = vue.useScopeUpdate<Scopes>('write:x');
  void [isOver, signIn(), asked, visible.value, update({ notNow: 1 }), dismiss()];
  const token: Promise<string> = vue.useAccessToken<Scopes>()({ scope: 'read:x' });
  const response: Promise<Response> = vue.useApi()('/api');
  void [token, response];
  h(vue.RequireScope, { scope: 'write:x' }, { default: () => 'secret', fallback: ({ status, request }: vue.ScopeView) => [status, request] });
  h(vue.ScopeDialog, { scope: ['write:x'], asking: { notNow: 7 } });
  // @ts-expect-error: of what?
  h(vue.RequireScope, {});
}

export function inSvelte(): void {
  svelte.provideScopewise(client);
  svelte.provideScopewise(made, { notNow: 'session' });
  const auth = svelte.useAuth<Scopes>();
  holds<Both<typeof auth.session, Session<Scopes> | null>>();
  const scope = svelte.useScope<Scopes>(() => 'write:x');
  const granted: boolean = scope.granted;
  const banner = svelte.useScopeUpdate<Scopes>(['write:x'], { notNow: 30 });
  void [auth.signIn(), granted, scope.request(), banner.visible, banner.update(), banner.dismiss()];
  // @ts-expect-error: not one of the application's scopes
  svelte.useScope<Scopes>('other');
  const token: Promise<string> = svelte.useAccessToken<Scopes>()({ scope: 'read:x' });
  const response: Promise<Response> = svelte.useApi()('/api');
  void [token, response];
  const components: [Component<{ scope: string }>, Component<{ scope: string; notNow?: 'page' }>] = [svelte.RequireScope, svelte.ScopeDialog];
  void components;
}

export function inAngular(): void {
  const provided: EnvironmentProviders[] = [angular.provideScopewise(client), angular.provideScopewise(made, { notNow: 'session' })];
  const auth = angular.injectAuth<Scopes>();
  holds<Both<typeof auth.session, Signal<Session<Scopes> | null>>>();
  const scope = angular.injectScope<Scopes>(() => 'write:x');
  holds<Both<typeof scope.granted, Signal<boolean>>>();
  holds<Both<typeof scope.missing, Signal<readonly Scopes[]>>>();
  const banner = angular.injectScopeUpdate<Scopes>(['write:x'], { notNow: 30 });
  void [provided, auth.signIn(), scope.request(), banner.visible(), banner.update(), banner.dismiss()];
  // @ts-expect-error: not one of the application's scopes
  angular.injectScope<Scopes>('other');
  const guards: CanActivateFn[] = [angular.requireSignIn, angular.requireScope('write:x', '/ask')];
  const interceptor: HttpInterceptorFn = apiInterceptor(['https://api.example.com/'], { onMissing: 'popup' });
  const context = new HttpContext().set(API_OPTIONS, { scope: 'write:x' });
  const token: Promise<string> = angular.injectAccessToken<Scopes>()({ scope: 'read:x' });
  const response: Promise<Response> = angular.injectApi()('/api');
  void [guards, interceptor, context, token, response];
}
