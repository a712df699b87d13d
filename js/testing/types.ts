/** What `createMockClient` takes and gives. */

import type { AuthErrorCode, Claims, Client, ClientOptions, GrantSelector, Scope, Session, SignInOptions } from '../types.js';

/**
 * What comes of a request for scopes.
 * grant: all of it. partial: of what is missing, the first. deny: the user says no. popup-blocked, popup-closed: with mode "popup" only.
 * other-user: somebody else comes back, with all of it. `granted`: these scopes, of those that are asked for; what an upgrade holds already stays.
 * `authorizationDetails`: what is granted besides (RFC 9396); by default all of it that is asked for.
 * `error`: the server's error, or any other code that the client's errors have.
 */
export type MockAnswer<S extends string = string> =
  | 'grant' | 'partial' | 'deny' | 'popup-blocked' | 'popup-closed' | 'other-user'
  | { readonly granted: Scope<S>; readonly authorizationDetails?: readonly object[] }
  | { readonly error: AuthErrorCode; readonly description?: string };

/** An answer, or a function that says it once it has seen the request. While its promise is pending, the popup is open. */
export type MockAnswers<S extends string = string> = MockAnswer<S> | ((request: MockRequest<S>) => MockAnswer<S> | Promise<MockAnswer<S>>);

/** A request for scopes, as the user would see it. */
export interface MockRequest<S extends string = string> {
  readonly kind: 'sign-in' | 'upgrade';
  readonly mode: 'redirect' | 'popup' | 'silent';
  /** The scopes of the request; with an upgrade those held before too. */
  readonly requested: readonly S[];
  /** Of those, what is not granted yet. */
  readonly missing: readonly S[];
  /** What the application gave: `loginHint`, `acrValues`, `appState` and the rest. */
  readonly options: Readonly<SignInOptions<S>>;
}

/** A call of `fetch`, with the token attached. */
export interface MockApiCall {
  /** Absolute. */
  readonly url: string;
  readonly method: string;
  /** By lower-case name; `authorization` is among them, with `dpop` the proof too. */
  readonly headers: Readonly<Record<string, string>>;
  /** As the application gave it; the text of the body where it gave a `Request`. */
  readonly body: unknown;
  readonly token: string;
}

/** A call that the application made of the mock. */
export interface MockCall {
  readonly method: 'authorizeUrl' | 'prepare' | 'signIn' | 'upgrade' | 'handleCallback' | 'getAccessToken' | 'fetch' | 'apiScopes' | 'dpopProof' | 'userInfo' | 'signOut' | 'close';
  readonly args: readonly unknown[];
}

/**
 * What `createMockClient` takes: how things stand, and what users and servers will say. Besides, every option of `createClient` but `fetch`; `scope`, `audience`,
 * `resource`, `apis`, `scopes`, `redirectUri`, `issuer`, `clientId`, `authorizationParams`, `dpop`, and the `implies` and `aliases` of a `provider` of one's own, mean here what they mean there, and the others nothing.
 */
export interface MockOptions<S extends string = string> extends Partial<Omit<ClientOptions<S>, 'fetch'>> {
  /** Who is signed in: the claims of the ID token, or their `sub` alone; they are there with or without `openid`. Default: nobody, and "user" once somebody signs in. */
  user?: string | Claims;
  /** False where `user` is to sign in first. Default: whether there is a `user`. */
  signedIn?: boolean;
  /** Scopes of the session that is there, granted and asked for. Each is by default the other, or else `scope`. */
  granted?: Scope<S>;
  requested?: Scope<S>;
  /** Of the granted ones, those that the server's answer could not show: `scopeStatus` is "assumed". Default: none. */
  assumed?: Scope<S>;
  /** Lifetime of access tokens, seconds; null where the server does not say. Default 3600. A grant with `offline_access` is renewed at its end, others expire. */
  expiresIn?: number | null;
  /** What comes of sign-ins. Default "grant". */
  onSignIn?: MockAnswers<S>;
  /** What comes of upgrades, those of `fetch` included. Default "grant". */
  onUpgrade?: MockAnswers<S>;
  /** What comes of renewals of the token: a new one (default), or an error; `invalid_grant` ends the session. */
  onRefresh?: 'renew' | { readonly error: AuthErrorCode };
  /** Answers the calls of `fetch`. Default: the environment's own `fetch`, and whatever a test has put in its place. */
  respond?: (call: MockApiCall) => Response | Promise<Response>;
  /** What `apiScopes` says, by URL prefix. Default: nothing, and the call is error `metadata_invalid`. */
  supported?: Readonly<Record<string, Scope<S>>>;
}

/** A client for tests: the methods of the real one, without a server, a page or WebAssembly; and what a test does with it. Its methods may be replaced (`vi.spyOn`). */
export interface MockClient<S extends string = string> extends Client<S> {
  readonly session: Session<S>;
  /** What the real one has as an option of `scopes`; here it is always there. */
  describeScopes: NonNullable<Client<S>['describeScopes']>;
  /** Like those that go with calls of `fetch`, these proofs have the right form, and neither a signature nor the hash of the token. */
  dpopProof: NonNullable<Client<S>['dpopProof']>;
  /** What the application called, the oldest first. Checks such as `hasScope` are not among them. */
  readonly calls: readonly MockCall[];
  /** Where the page was sent last: the authorization request of a "redirect", which the next `handleCallback()` answers. Null before. */
  readonly left: string | null;
  /** These may be changed at any time, and count from the next request. */
  onSignIn: MockAnswers<S>;
  onUpgrade: MockAnswers<S>;
  onRefresh: 'renew' | { readonly error: AuthErrorCode };
  respond: ((call: MockApiCall) => Response | Promise<Response>) | undefined;
  /** The callback URL that an authorization request comes back with. Default: that of `left`, and the answer that `onSignIn` or `onUpgrade` says. */
  answer(url?: string, answer?: MockAnswer<S>): string;
  /** The server grants more, as if another tab had asked for it. */
  grant(scope: Scope<S>, options?: GrantSelector): void;
  /** The server takes back what it granted, as after a refresh. */
  revoke(scope: Scope<S>, options?: GrantSelector): void;
  /** Ends the token, and with it the grant: it cannot be renewed, and `session.expired` is true. */
  expire(options?: GrantSelector): void;
  /** Another user's session, as if another tab had signed in. Default scopes: those of the option `scope`. */
  signInAs(user: string | Claims, granted?: Scope<S>): void;
}
