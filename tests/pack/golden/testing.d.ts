import type { AuthErrorCode } from './index.js';
import type { Claims } from './index.js';
import type { Client } from './index.js';
import type { ClientOptions } from './index.js';
import type { GrantSelector } from './index.js';
import type { Scope } from './index.js';
import type { ServerMetadata } from './index.js';
import type { Session } from './index.js';
import type { SignInOptions } from './index.js';

/** An authorization server in the page: see `FakeServer`. Needs WebCrypto: a secure context, or Node. */
export declare function createFakeServer(options?: FakeServerOptions): FakeServer;

/** A client for tests of applications: see `MockOptions` for what it is told, and `MockClient` for what a test does with it. */
export declare function createMockClient<S extends string = string>(options?: MockOptions<NoInfer<S>>): MockClient<S>;

/**
 * What the user, or the server, answers to an authorization request. allow: all of it. deny: the user says no. `granted`: these scopes of it, and `authorizationDetails` besides (default: all
 * that is asked for). `user`: somebody else
 * signs in, and allows all of it. `error`: an error code of RFC 6749 or OpenID Connect.
 */
export declare type FakeAnswer = 'allow' | 'deny' | {
    readonly granted: Scope;
    readonly authorizationDetails?: readonly object[];
} | {
    readonly user: string | Claims;
    readonly granted?: Scope;
} | {
    readonly error: string;
    readonly description?: string;
};

export declare type FakeEndpoint = 'metadata' | 'token' | 'userinfo' | 'jwks' | 'revocation';

/** A request that the server had. */
export declare interface FakeRequest {
    readonly endpoint: FakeEndpoint;
    /** The form of a POST; nothing else has any. */
    readonly parameters: Readonly<Record<string, string>>;
}

/**
 * An authorization server in the page, for tests of the real client without a network. It keeps the rules of a good one: PKCE (S256) is checked, codes and refresh
 * tokens are good for one use, and one that is used again ends the grant. What it issues is readable text and says nothing of who asks: it is for tests only.
 */
export declare interface FakeServer {
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

export declare interface FakeServerOptions {
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

/** What an access token of the server stands for. */
export declare interface FakeToken {
    readonly user: Claims;
    readonly scopes: readonly string[];
    readonly clientId: string;
    /** `audience` or `resource` of the request. */
    readonly audience?: string;
    /** Seconds since the epoch. */
    readonly expiresAt: number;
}

/** What becomes of popups and hidden frames: an answer, or the popup is blocked, or its user closes it. A function chooses by the URL of the request. */
export declare type FakeWindowAnswer = FakeAnswer | 'blocked' | 'closed' | ((url: string) => FakeAnswer | 'closed');

/**
 * What comes of a request for scopes.
 * grant: all of it. partial: of what is missing, the first. deny: the user says no. popup-blocked, popup-closed: with mode "popup" only.
 * other-user: somebody else comes back, with all of it. `granted`: these scopes, of those that are asked for; what an upgrade holds already stays.
 * `authorizationDetails`: what is granted besides (RFC 9396); by default all of it that is asked for.
 * `error`: the server's error, or any other code that the client's errors have.
 */
export declare type MockAnswer<S extends string = string> = 'grant' | 'partial' | 'deny' | 'popup-blocked' | 'popup-closed' | 'other-user' | {
    readonly granted: Scope<S>;
    readonly authorizationDetails?: readonly object[];
} | {
    readonly error: AuthErrorCode;
    readonly description?: string;
};

/** An answer, or a function that says it once it has seen the request. While its promise is pending, the popup is open. */
export declare type MockAnswers<S extends string = string> = MockAnswer<S> | ((request: MockRequest<S>) => MockAnswer<S> | Promise<MockAnswer<S>>);

/** A call of `fetch`, with the token attached. */
export declare interface MockApiCall {
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
export declare interface MockCall {
    readonly method: 'authorizeUrl' | 'prepare' | 'signIn' | 'upgrade' | 'handleCallback' | 'getAccessToken' | 'fetch' | 'apiScopes' | 'dpopProof' | 'userInfo' | 'signOut' | 'close';
    readonly args: readonly unknown[];
}

/** A client for tests: the methods of the real one, without a server, a page or WebAssembly; and what a test does with it. Its methods may be replaced (`vi.spyOn`). */
export declare interface MockClient<S extends string = string> extends Client<S> {
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
    onRefresh: 'renew' | {
        readonly error: AuthErrorCode;
    };
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

/**
 * What `createMockClient` takes: how things stand, and what users and servers will say. Besides, every option of `createClient` but `fetch`; `scope`, `audience`,
 * `resource`, `apis`, `scopes`, `redirectUri`, `issuer`, `clientId`, `authorizationParams`, `dpop`, and the `implies` and `aliases` of a `provider` of one's own, mean here what they mean there, and the others nothing.
 */
export declare interface MockOptions<S extends string = string> extends Partial<Omit<ClientOptions<S>, 'fetch'>> {
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
    onRefresh?: 'renew' | {
        readonly error: AuthErrorCode;
    };
    /** Answers the calls of `fetch`. Default: the environment's own `fetch`, and whatever a test has put in its place. */
    respond?: (call: MockApiCall) => Response | Promise<Response>;
    /** What `apiScopes` says, by URL prefix. Default: nothing, and the call is error `metadata_invalid`. */
    supported?: Readonly<Record<string, Scope<S>>>;
}

/** A request for scopes, as the user would see it. */
export declare interface MockRequest<S extends string = string> {
    readonly kind: 'sign-in' | 'upgrade';
    readonly mode: 'redirect' | 'popup' | 'silent';
    /** The scopes of the request; with an upgrade those held before too. */
    readonly requested: readonly S[];
    /** Of those, what is not granted yet. */
    readonly missing: readonly S[];
    /** What the application gave: `loginHint`, `acrValues`, `appState` and the rest. */
    readonly options: Readonly<SignInOptions<S>>;
}

/**
 * For the real client in Vitest's jsdom and happy-dom, once, before `init`: there the global object is Node's and not the window that the client looks for, and
 * what Node's own functions hand over is of another realm than the page's classes. In a browser, and in Node without a page, it does nothing.
 */
export declare function patchTestPage(): void;

export { }
