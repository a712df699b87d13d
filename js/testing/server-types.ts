/** What `createFakeServer` takes and gives. */

import type { Claims, Scope, ServerMetadata } from '../types.js';

/**
 * What the user, or the server, answers to an authorization request. allow: all of it. deny: the user says no. `granted`: these scopes of it, and `authorizationDetails` besides (default: all
 * that is asked for). `user`: somebody else
 * signs in, and allows all of it. `error`: an error code of RFC 6749 or OpenID Connect.
 */
export type FakeAnswer =
  | 'allow' | 'deny'
  | { readonly granted: Scope; readonly authorizationDetails?: readonly object[] }
  | { readonly user: string | Claims; readonly granted?: Scope }
  | { readonly error: string; readonly description?: string };

/** What becomes of popups and hidden frames: an answer, or the popup is blocked, or its user closes it. A function chooses by the URL of the request. */
export type FakeWindowAnswer = FakeAnswer | 'blocked' | 'closed' | ((url: string) => FakeAnswer | 'closed');

export type FakeEndpoint = 'metadata' | 'token' | 'userinfo' | 'jwks' | 'revocation';

export interface FakeServerOptions {
  /** Who signs in: claims of the ID token, or their `sub` alone. Default "user". */
  user?: string | Claims;
  /** The scopes that the server knows; a request for another one is error `invalid_scope`. Default: all. */
  scopes?: Scope;
  /** Lifetime of access tokens, seconds. Default 3600. */
  expiresIn?: number;
  /** Its tokens can be refreshed: with `offline_access` among the granted scopes (default), always, or never. */
  refreshTokens?: 'offline_access' | 'always' | 'never';
  /** Issuer identifier. Default "https://id.test". */
  issuer?: string;
  /** The only client that it knows. Default: any. */
  clientId?: string;
  /** A page that calls `answerPage`: a URL, or a path of the page's origin. Default: a URL of the issuer that leads nowhere. */
  authorizationEndpoint?: string;
  /** Answers requests that are not for this server: those of `client.fetch` to APIs. Default: the environment's own fetch. */
  respond?: (request: Request) => Response | Promise<Response>;
}

/** A request that the server had. */
export interface FakeRequest {
  readonly endpoint: FakeEndpoint;
  /** The form of a POST; nothing else has any. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What an access token of the server stands for. */
export interface FakeToken {
  readonly user: Claims;
  readonly scopes: readonly string[];
  readonly clientId: string;
  /** `audience` or `resource` of the request. */
  readonly audience?: string;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

/**
 * An authorization server in the page, for tests of the real client without a network. It keeps the rules of a good one: PKCE (S256) is checked, codes and refresh
 * tokens are good for one use, and one that is used again ends the grant. What it issues is readable text and says nothing of who asks: it is for tests only.
 */
export interface FakeServer {
  readonly issuer: string;
  /** For the option `metadata`; the server also answers at the place of `issuer`'s. */
  readonly metadata: ServerMetadata;
  /** For the option `fetch`. */
  readonly fetch: typeof globalThis.fetch;
  /** What it was asked, the oldest first. */
  readonly requests: readonly FakeRequest[];
  /** Who signs in from now on. */
  user: Claims;
  /** Answers an authorization request (of `authorizeUrl`, say): the callback URL, for `handleCallback`. Default answer: allow. */
  answer(url: string, answer?: FakeAnswer): Promise<string>;
  /**
   * In a page: from now on popups and hidden frames of the client are answered so, and none is opened or loaded. Returns what ends that.
   * For a page that is to open real ones, give `authorizationEndpoint`.
   */
  answerWindows(answer: FakeWindowAnswer): () => void;
  /** In the page at `authorizationEndpoint`: goes back with the answer; without one it shows a form with the scopes, for the user of the page to choose. */
  answerPage(answer?: FakeAnswer): Promise<void>;
  /** The next request to an endpoint is answered so, or fails as a network does where this throws. */
  once(endpoint: FakeEndpoint, respond: () => Response | Promise<Response>): void;
  /** What a token stands for, for the API of a test; null for one that is none, is over or was revoked. */
  inspect(token: string): FakeToken | null;
  /** Ends all that was granted: refresh tokens and access tokens are refused. */
  revokeAll(): void;
}
