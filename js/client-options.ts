/** What `init` and `createClient` take. */

import type { Scope } from './types.js';

/** Where the WebAssembly comes from, when the file beside the script will not do. */
export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;

/** What `init` takes besides the source. */
export interface InitOptions {
  /**
   * What the module must hash to, in the syntax of Subresource Integrity: `sha384-…`, several separated by spaces. Then the
   * page loads no other module: a mismatch is error `wasm_unavailable`. Needs a secure context, and to be said first.
   */
  integrity?: string;
}

/** What `createClient` takes. An unknown member or a wrong type is error `invalid_options`, which names it. */
export interface ClientOptions<S extends string = string> {
  /** Public client identifier registered with the authorization server. */
  clientId: string;
  /** Issuer identifier, to the letter. Its metadata is discovered (OpenID Connect Discovery, then RFC 8414) when first needed. */
  issuer?: string;
  /** Authorization server metadata given up front: no discovery request is made. One of `issuer` and `metadata` is required. */
  metadata?: ServerMetadata;
  /** Where the server sends the authorization response: an absolute URL, or a path of this origin. Default: the page's origin followed by "/". */
  redirectUri?: string;
  /** Scopes of the first authorization request. Default: "openid". Ask for the least; `upgrade` gets the rest when it is needed. */
  scope?: Scope<S>;
  /** Auth0-style API identifier, sent as `audience`. */
  audience?: string;
  /** RFC 8707 resource indicator(s): absolute URIs without fragment, as the server knows them. */
  resource?: string | readonly string[];
  /** APIs that `fetch` may send tokens to, by URL prefix (whole path segments, the longest counts). Besides the page's own origin, `fetch` calls no other URL. */
  apis?: Readonly<Record<string, ApiOptions<S>>>;
  /** Further parameters of every authorization request (`connection`, `connection_scope`, `organization`, `access_type`, …). */
  authorizationParams?: Readonly<Record<string, string>>;
  /** Where tokens live. Default "session" (sessionStorage). "memory" never touches disk, nor does "worker", which also keeps refresh tokens out of the page's reach; `fetch` cannot go with that. A page with Trusted Types must allow the policy "scopewise" for it. */
  storage?: 'session' | 'local' | 'memory' | 'indexeddb' | 'worker' | StorageAdapter;
  /**
   * RFC 9449 sender-constrained tokens: they are bound to a key that cannot be taken out of this browser, one per client, in IndexedDB (with storage "worker" in the worker,
   * without IndexedDB in the page's memory), and of no use without it. Needs a secure context. Where the key is lost the session is `expired`. A token endpoint that answers
   * with Bearer is error `token_type_unsupported`. `fetch` does not follow redirects with such a token. Default false.
   */
  dpop?: boolean;
  /**
   * Asks again, at a user's next sign-in, for the scopes that this user granted by upgrades before: in the request itself where its `loginHint` names that user, else silently
   * once it is known who came. Keeps scope names only, per user, in localStorage whatever the `storage` is, until the user says no, `signOut({ forget: true })`, or for 90 days. Default false.
   */
  rememberScopes?: boolean;
  /** RFC 9126 pushed authorization requests: their parameters go to the server first, and the user's URL refers to them. Default: only where the server requires them. */
  par?: boolean;
  /** Verify ID token signatures as well, and those of userinfo answers that are JWTs, with the keys at `jwks_uri` of the metadata; needs a secure context. Default false: tokens come straight from the token endpoint over TLS (OpenID Connect Core §3.1.3.7). */
  verifySignature?: boolean;
  /** How this authorization server treats scopes: a named profile, or one's own, which stands on "generic" or on what it extends. Default "generic". */
  provider?: 'generic' | 'auth0' | 'google' | 'entra' | 'okta' | 'keycloak' | 'github' | 'cognito' | ProviderProfile;
  /**
   * What each scope is for, in the user's words: what `describeScopes`, errors and outcomes say of the scopes that are missing, and which scopes are asked for alone.
   * A scope marked `sensitive` is no part of a sign-in, and an upgrade that lacks it and another is error `invalid_options`: ask for it by itself.
   */
  scopes?: Readonly<Partial<Record<S, ScopeDescription>>>;
  /** Tolerated clock difference, seconds, 0 to 300. Default 60. */
  clockTolerance?: number;
  /** Audiences that an ID token may name beside the client, besides those configured above. */
  trustedAudiences?: readonly string[];
  /** Bound on each network request, headers and body, milliseconds. Default 10000. */
  timeout?: number;
  /** Used instead of the page's fetch for every request of the client. Not with `storage: 'worker'`. */
  fetch?: typeof globalThis.fetch;
}

/** What a scope is for, for the people who are asked. */
export interface ScopeDescription extends ScopeWording {
  /** Never asked for together with other scopes. Default false. */
  sensitive?: boolean;
  /** The same in other languages, by language tag (RFC 5646): `{ de: { title: 'Termine anlegen' } }`. */
  locales?: Readonly<Record<string, ScopeWording>>;
}

/** A scope in words of one language. */
export interface ScopeWording {
  /** What it allows: "Create appointments". */
  title: string;
  /** Why the application wants it: "to save what you enter". */
  why?: string;
}

/** The scope quirks of an authorization server. Every member has a default that follows RFC 6749. */
export interface ProviderProfile {
  /** The profile that this one stands on: `implies` and `aliases` add to its rules, other members replace its own. Default "generic". */
  extends?: 'generic' | 'auth0' | 'google' | 'entra' | 'okta' | 'keycloak' | 'github' | 'cognito';
  /** "union" sends held and missing scopes; "incremental" the missing ones, with include_granted_scopes=true; where none are missing, those held. Default "union". */
  upgradeRequest?: 'union' | 'incremental';
  /** Scopes that carry others: `{ repo: ['repo:status'] }`; a trailing "*" on both sides stands for the same rest, on one side it is a character. */
  implies?: Readonly<Record<string, readonly string[]>>;
  /** Other spellings of one scope. */
  aliases?: Readonly<Record<string, readonly string[]>>;
  /** Scopes that the server never lists in its answers. Default: openid profile email address phone offline_access. */
  unlisted?: readonly string[];
  /** Delimiter of `scope` in token responses. Default " ". */
  scopeDelimiter?: ' ' | ',';
  /** What a refresh request sends as `scope`. Default "none": the whole grant (RFC 6749 §6). "requested": those of the requested scopes that are granted. */
  refreshScope?: 'none' | 'requested';
  /** The prompt of an upgrade for more scopes, for servers that show no consent page for them unless told so. Default: none. */
  upgradePrompt?: 'consent';
  /** How users sign out at a server without RP-initiated logout: its URL, or a path of the authorization endpoint's origin, and what it calls the parameters. Default names: client_id and post_logout_redirect_uri. */
  signOut?: { url: string; clientId?: string; returnTo?: string };
}

/** What an API needs. */
export interface ApiOptions<S extends string = string> {
  audience?: string;
  resource?: string;
  /** Scopes that every call to this API needs. */
  scope?: Scope<S>;
  /** The only scopes that a challenge of this API may lead to an upgrade for. Default: any. */
  challengeScope?: Scope<S>;
  /** Lets `apiScopes` read the API's own metadata (RFC 9728). The API's identifier is its `resource`, where that is one URL of the same origin, or else its URL here. Default false. */
  discover?: boolean;
}

/** RFC 8414 and OpenID Connect Discovery metadata: the members that the client reads; others may be there. */
export interface ServerMetadata {
  issuer: string;
  authorization_endpoint: string;
  token_endpoint: string;
  jwks_uri?: string;
  userinfo_endpoint?: string;
  revocation_endpoint?: string;
  end_session_endpoint?: string;
  pushed_authorization_request_endpoint?: string;
  require_pushed_authorization_requests?: boolean;
  authorization_response_iss_parameter_supported?: boolean;
  scopes_supported?: readonly string[];
  id_token_signing_alg_values_supported?: readonly string[];
  authorization_signing_alg_values_supported?: readonly string[];
  userinfo_signing_alg_values_supported?: readonly string[];
  response_modes_supported?: readonly string[];
  [member: string]: unknown;
}

/** The shape of Web Storage, synchronous or not. */
export interface StorageAdapter {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
  removeItem(key: string): void | Promise<void>;
}
