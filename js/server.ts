import { AuthError } from './error.js';
import { sessionOf, tokensOf } from './session.js';
import type { Client, Scope } from './types.js';

export const notInBrowser = (): AuthError => new AuthError({ code: 'not_in_browser', message: 'scopewise signs in and gets tokens in browser pages only, not on a server.' });

/**
 * The client of a page that is rendered on a server: nobody is signed in, and nothing ever changes. So frameworks render there
 * what a page shows first. What needs a page fails when it is called.
 */
export function serverClient<S extends string>(): Client<S> {
  const missing = (scope: Scope<S>): S[] => tokensOf(scope);
  const has = () => false;
  const none: S[] = [];
  const members = { signedIn: false, claims: null, requested: none, granted: none, denied: none, expiresAt: null, expired: false, persisted: true };
  const session = sessionOf(members, has, missing);
  const refuse = async (): Promise<never> => {
    throw notInBrowser();
  };
  return Object.freeze<Client<S>>({
    session,
    subscribe: () => () => {},
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
    scopeStatus: () => 'not-requested',
    explainScope: () => 'Nobody is signed in on a server.',
    describeScopes: (scope) => [...new Set(tokensOf(scope))].map((one) => ({ scope: one, title: one, sensitive: false })),
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
