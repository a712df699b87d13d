import { describeIn, type ScopeTable } from './describe.js';
import { AuthError, invalidOptions } from './error.js';
import { sessionOf } from './session.js';
import type { Client, Scope } from './types.js';

export const notInBrowser = (): AuthError => new AuthError({ code: 'not_in_browser', message: 'scopewise signs in and gets tokens in browser pages only, not on a server.' });

/** The tokens of a scope argument, each once, in these numbers. What a token is made of the module knows, which servers do without: a page refuses more. */
export function tokensOf<S extends string>(scope: Scope<S>, least = 1, most = Infinity): S[] {
  const listed: unknown = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scope;
  const isList = Array.isArray(listed) && listed.every((token) => typeof token === 'string' && token);
  const tokens = new Set<S>(isList ? listed : []);
  if (!isList || tokens.size < least || tokens.size > most) throw new AuthError({ code: 'invalid_scope_syntax', message: 'A scope is one token or more, in one text with spaces between or in an array.' });
  return [...tokens];
}

/** What is no function would fail at the first change only. */
export function checkListener(listener: unknown): void {
  if (typeof listener !== 'function') throw invalidOptions('"listener" must be a function.');
}

/**
 * The client of a page that is rendered on a server: nobody is signed in, and nothing ever changes. So frameworks render there
 * what a page shows first. What needs a page fails when it is called. `table` is the option `scopes`.
 */
export function serverClient<S extends string>(table: ScopeTable): Client<S> {
  const missing = (scope: Scope<S>): S[] => tokensOf(scope);
  const has = (scope: Scope<S>): boolean => missing(scope).length === 0;
  const none: S[] = [];
  const members = { signedIn: false, claims: null, requested: none, granted: none, denied: none, expiresAt: null, expired: false, persisted: true };
  const session = sessionOf(members, has, missing);
  const refuse = async (): Promise<never> => {
    throw notInBrowser();
  };
  return Object.freeze<Client<S>>({
    session,
    subscribe(listener) {
      checkListener(listener);
      return () => {};
    },
    authorizeUrl() {
      throw notInBrowser();
    },
    prepare: refuse,
    signIn: refuse,
    upgrade: refuse,
    handleCallback: refuse,
    hasScope: has,
    hasAnyScope: has,
    missingScopes: missing,
    scopeStatus(scope) {
      tokensOf(scope, 1, 1);
      return 'not-requested';
    },
    explainScope(scope) {
      tokensOf(scope, 1, 1);
      return 'Nobody is signed in on a server.';
    },
    describeScopes: (scope, { locale = [] } = {}) => describeIn([locale].flat(), tokensOf(scope, 0), table),
    scopeReport: () => ({ requested: none, granted: none, denied: none, used: none, unused: none, unrequested: none }),
    getAccessToken: refuse,
    fetch: refuse,
    apiScopes: refuse,
    dpopProof: refuse,
    idToken: () => null,
    userInfo: refuse,
    signOut: refuse,
    close() {},
  });
}
