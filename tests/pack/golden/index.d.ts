/** What an API needs. */
export declare interface ApiOptions<S extends string = string> {
    audience?: string;
    resource?: string;
    /** Scopes that every call to this API needs. */
    scope?: Scope<S>;
    /** The only scopes that a challenge of this API may lead to an upgrade for. Default: any. */
    challengeScope?: Scope<S>;
    /** Lets `apiScopes` read the API's own metadata (RFC 9728). The API's identifier is its `resource`, where that is one URL of the same origin, or else its URL here. Default false. */
    discover?: boolean;
}

/** What an API says of itself (RFC 9728), and what of it is held. */
export declare interface ApiScopes<S extends string = string> {
    /** The API's identifier. */
    readonly resource: string;
    /** The scopes that it lists. It need not list all. */
    readonly supported: readonly S[];
    /** Those of them that are granted, directly or through others, for what this API's tokens are for; and those that are missing. */
    readonly granted: readonly S[];
    readonly missing: readonly S[];
    /** `resource_name`. */
    readonly name?: string;
    /** `resource_documentation`, where that is an https URL (or http on loopback). */
    readonly documentation?: string;
}

/**
 * The one error class: `code` says what happened, `message` what to do. It never holds a code, verifier, state or token.
 * With two copies of the package on one page, test `name === 'AuthError'` rather than `instanceof`.
 */
export declare class AuthError extends Error {
    readonly name = "AuthError";
    readonly code: AuthErrorCode;
    /** `error_description` of the server, as data: control characters are gone, and it is cut at 1,000 characters. */
    readonly description?: string;
    /** `error_uri` of the server, where it is http or https. */
    readonly errorUri?: string;
    /** HTTP status, where a response caused it. */
    readonly status?: number;
    /** Scopes to `upgrade` for, with `missing_scope` and `insufficient_scope`. */
    readonly missing?: readonly string[];
    /** What those are for, in the page's language, where the option `scopes` describes one of them. */
    readonly descriptions?: readonly DescribedScope[];
    /** With `insufficient_user_authentication` (RFC 9470). */
    readonly acrValues?: string;
    /** With `insufficient_user_authentication` (RFC 9470), seconds. */
    readonly maxAge?: number;
    /** The appState of the request that failed. */
    readonly appState?: unknown;
    /** The returnTo of the request that failed. */
    readonly returnTo?: string;
    /** Which check an ID token failed (`id_token_invalid`), or another signed JWT (`response_malformed`, `user_info_invalid`). */
    readonly reason?: string;
    /** True where the same call may succeed later and is safe to make again. */
    readonly retryable: boolean;
    /**
     * Whether something that was thrown is an `AuthError` of this code, with what is said of it in `AuthErrorDetails`: after
     * `AuthError.is(error, 'missing_scope')` its `missing` is there. One of another copy of the package is one, too.
     */
    static is<const C extends AuthErrorCode>(error: unknown, code: C): error is AuthErrorOf<C>;
}

/** The codes of `AuthError`. Error codes of the authorization server pass through unchanged. */
export declare type AuthErrorCode = 'invalid_options' | 'invalid_scope_syntax' | 'invalid_return_to' | 'metadata_invalid' | 'metadata_required' | 'not_in_browser' | 'wasm_unavailable' | 'wasm_blocked_by_csp' | 'instance_poisoned' | 'state_missing' | 'transaction_missing' | 'transaction_expired' | 'duplicate_parameter' | 'response_malformed' | 'issuer_missing' | 'issuer_mismatch' | 'code_missing' | 'callback_consumed' | 'popup_blocked' | 'popup_closed' | 'frame_blocked' | 'token_response_invalid' | 'token_response_lost' | 'token_type_unsupported' | 'id_token_invalid' | 'subject_mismatch' | 'not_signed_in' | 'missing_scope' | 'insufficient_scope' | 'insufficient_user_authentication' | 'invalid_token' | 'challenge_unreadable' | 'upgrade_loop' | 'untrusted_origin' | 'network' | 'timeout' | 'aborted' | 'http' | 'storage_unavailable' | 'user_info_invalid' | 'access_denied' | 'login_required' | 'consent_required' | 'interaction_required' | 'account_selection_required' | 'invalid_request' | 'invalid_scope' | 'invalid_grant' | 'invalid_client' | 'unauthorized_client' | 'unsupported_response_type' | 'server_error' | 'temporarily_unavailable' | 'use_dpop_nonce' | 'invalid_dpop_proof' | 'invalid_target' | (string & {});

/** What an error surely has besides, by its code. */
export declare interface AuthErrorDetails {
    missing_scope: {
        readonly missing: readonly string[];
    };
    insufficient_scope: {
        readonly missing: readonly string[];
    };
    id_token_invalid: {
        readonly reason: string;
    };
    http: {
        readonly status: number;
    };
}

/** An `AuthError` whose code is known. */
export declare type AuthErrorOf<C extends AuthErrorCode> = AuthError & {
    readonly code: C;
} & (C extends keyof AuthErrorDetails ? AuthErrorDetails[C] : unknown);

/** What became of an authorization request. */
export declare interface AuthorizationOutcome<S extends string = string, A = unknown> {
    readonly kind: 'sign-in' | 'upgrade';
    /** granted: all that was asked. partial: some. denied: none of what was missing. */
    readonly outcome: 'granted' | 'partial' | 'denied';
    /** The scopes of the request; with an upgrade those held before too. */
    readonly requested: readonly S[];
    /** The scopes of the grant afterwards. */
    readonly granted: readonly S[];
    /** Requested and not granted, a scope lost on the way included. */
    readonly missing: readonly S[];
    /** What those are for, in the page's language, where the option `scopes` describes one of them. */
    readonly descriptions?: readonly DescribedScope<S>[];
    /** What is granted besides scopes (RFC 9396): `authorization_details` of the answer, which stays with the grant. Absent where the server did not say. */
    readonly authorizationDetails?: readonly object[];
    readonly appState: A;
    readonly returnTo: string;
}

export declare interface AuthorizationRequest {
    readonly url: string;
    readonly state: string;
}

/** Options of one authorization request. An unknown member is error `invalid_options`. */
export declare interface AuthorizeOptions<S extends string = string, A = unknown> extends GrantSelector {
    /** Default: the client's `scope`. */
    scope?: Scope<S>;
    /** Same-origin path to return to; anything else is error `invalid_return_to`. Default: the current URL, without a response's parameters. */
    returnTo?: string;
    /** Any JSON value up to 256 KiB, given back with the outcome. Kept in the page's storage, never in the URL. */
    appState?: A;
    prompt?: 'none' | 'login' | 'consent' | 'select_account' | (string & {});
    loginHint?: string;
    acrValues?: string;
    /** Seconds that may lie between the user's sign-in and the ID token, at the most (OpenID Connect Core §3.1.2.1). Whoever signs in for the request is fresh enough, also for 0. */
    maxAge?: number;
    uiLocales?: string;
    /** RFC 9396 rich authorization requests. */
    authorizationDetails?: readonly object[];
    responseMode?: 'query' | 'fragment';
    /** Further parameters of this request. One that the client sets itself (state, nonce, code_challenge, …) is error `invalid_options`. */
    params?: Readonly<Record<string, string>>;
}

/** Claims about the user: the standard ones (OpenID Connect Core §5.1), where the server says them, of the types that it should give them, and any other. */
export declare interface Claims {
    /** The user, as the issuer calls them: never another's. */
    readonly sub: string;
    readonly name?: string;
    readonly given_name?: string;
    readonly family_name?: string;
    readonly middle_name?: string;
    readonly nickname?: string;
    readonly preferred_username?: string;
    readonly profile?: string;
    readonly picture?: string;
    readonly website?: string;
    readonly email?: string;
    readonly email_verified?: boolean;
    readonly gender?: string;
    /** YYYY-MM-DD, or a year. */
    readonly birthdate?: string;
    readonly zoneinfo?: string;
    readonly locale?: string;
    readonly phone_number?: string;
    readonly phone_number_verified?: boolean;
    /** The whole of it in `formatted`, or in parts (§5.1.1). */
    readonly address?: {
        readonly formatted?: string;
        readonly street_address?: string;
        readonly locality?: string;
        readonly region?: string;
        readonly postal_code?: string;
        readonly country?: string;
    };
    /** Seconds since the epoch. */
    readonly updated_at?: number;
    readonly [claim: string]: unknown;
}

/**
 * A client. Its methods need no `this`: take them apart as you like. `S` are the scopes that may be named, and `A` is what `appState`
 * is: the application's own word, since it may come from a version before.
 */
export declare interface Client<S extends string = string, A = unknown> {
    /** The session: an immutable snapshot whose identity changes only when its content does. */
    readonly session: Session<S>;
    /** Calls back after every change of `session`. Returns the function that ends it. Fits React's useSyncExternalStore. */
    subscribe(listener: () => void): () => void;
    /** Builds an authorization request without navigating, and stores its transaction. Synchronous: it needs known metadata (given, or fetched by `prepare`), else error `metadata_required`. A request that has to be pushed (`par`) cannot be had at once: error `invalid_options`. */
    authorizeUrl(options?: WithSignedResponse<AuthorizeOptions<S, A>>): AuthorizationRequest;
    authorizeUrl(options?: AuthorizeOptions<S, A>): AuthorizationRequest;
    /** Fetches the metadata, so that `authorizeUrl` works, and `signIn` and `upgrade` leave the page or send the popup to the server before they return. */
    prepare(): Promise<void>;
    /** Signs in. "redirect" (default) leaves the page, and the promise never settles; the outcome comes from `handleCallback` afterwards. "popup" opens one, so call it in a click, before anything is awaited; "silent" asks with prompt=none in a hidden frame. Both resolve here. */
    signIn(options?: WithSignedResponse<SignInOptions<S, A>>): Promise<AuthorizationOutcome<S, A>>;
    signIn(options?: SignInOptions<S, A>): Promise<AuthorizationOutcome<S, A>>;
    /**
     * Handles the authorization response in `url` (default: the page's URL, query or fragment). Resolves to null where there is none,
     * and where the page's URL has the response to another client of this origin, which stays there for that client (a `url` given to the wrong client is error `transaction_missing`):
     * a response has `state`, and one of `code`, `error` and `response`; all other parameters, and routes in the fragment, are yours and stay.
     * Safe to call twice, from two clients, after reload or the back button: one exchange, and the same outcome while the session lives, else error `callback_consumed`.
     * An error that is `retryable` (no network, say) leaves the answer unused: the next call on this page tries again.
     * The parameters of any other response are gone from the address bar before it returns.
     * In a popup or frame of ours it hands the response to the page that asked, and never settles.
     */
    handleCallback(url?: string): Promise<AuthorizationOutcome<S, A> | null>;
    /** True when every given scope is granted for the audience. Synchronous, cheap enough for render. False when signed out, or when the grant has expired and cannot be renewed. For the interface only: the API decides. An illegal or empty scope throws `invalid_scope_syntax`. */
    hasScope(scope: Scope<S>, options?: GrantSelector): boolean;
    /** True when at least one is. */
    hasAnyScope(scope: Scope<S>, options?: GrantSelector): boolean;
    /** Those of the given scopes that are not granted, in the given order. */
    missingScopes(scope: Scope<S>, options?: GrantSelector): S[];
    /** Whether a scope is there, and on whose word. */
    scopeStatus(scope: S, options?: GrantSelector): ScopeStatus;
    /** The same, in words for a developer: when it was asked for, what the server answered, what to do. Holds no token. */
    explainScope(scope: S, options?: GrantSelector): string;
    /**
     * What scopes are for, as the option `scopes` says, in the given order and without repetition: in the first of the wanted languages that each is described in
     * (RFC 4647 §3.4: "de-AT" takes "de"), else as its `title` says, else by its own name. Default languages: that of the page (`lang` of `<html>`), else the browser's; on a server none.
     */
    describeScopes?(scope: Scope<S>, options?: DescribeOptions): readonly DescribedScope<S>[];
    /** What was requested, granted, denied and used so far, for the default audience: what to stop asking for. */
    scopeReport(): ScopeReport<S>;
    /**
     * Gets missing scopes: sends the user back through authorization for them, keeping the session that is there.
     * Resolves at once with outcome "granted", and asks nothing, where all are there already; otherwise it asks like `signIn`.
     * A user who says no is an outcome ("denied" or "partial"), not an error, and the session stays as it was. The no is remembered:
     * `fetch` will not ask for those scopes again by itself, a new call of `upgrade` will.
     * A different user coming back is error `subject_mismatch`, and the session stays as it was.
     * With `acrValues`, `maxAge`, `prompt` or `authorizationDetails`, or `claims` among the `params`, and for an audience or resource that there is
     * no grant for (yet, or any more), it always asks, and the scopes may be none; an answer below acrValues or maxAge is error `insufficient_user_authentication`
     * (RFC 9470).
     */
    upgrade(scope: Scope<S>, options?: WithSignedResponse<UpgradeOptions<S, A>>): Promise<AuthorizationOutcome<S, A>>;
    upgrade(scope: Scope<S>, options?: UpgradeOptions<S, A>): Promise<AuthorizationOutcome<S, A>>;
    /**
     * A valid access token for the audience, refreshed if need be: once, however many callers and tabs ask. The refresh goes on whoever gives up waiting.
     * Error `missing_scope` where a wanted scope is not granted; `login_required` where the token has expired and cannot be refreshed;
     * `invalid_grant` where the server does not take the refresh token any more, which ends the session;
     * `token_response_lost` where a refresh token was sent and the answer is not known: it is not sent again.
     */
    getAccessToken(options?: TokenOptions<S>): Promise<string>;
    /**
     * fetch with the token attached, for URLs in `apis` or of the page's own origin; others are error `untrusted_origin`.
     * A 403 insufficient_scope (RFC 6750) or 401 insufficient_user_authentication (RFC 9470) is an error of that name with what to ask for;
     * with `onMissing` it is upgraded, and the request sent once more where that brought something. After a 401 that names the token
     * (RFC 6750 invalid_token) or no error, or whose challenge cannot be read, and after a 403 for scopes that are granted (with a token more than a
     * minute old), the token is refreshed and the request sent once more,
     * where both can be. Every other response is given back as it came.
     * URL, method, headers and body are read once, at the call. What no Request takes is error `invalid_options`, what the platform rejects with
     * is error `network` (`retryable` where the method is safe), each with its `cause`; an abort of the caller's rejects with the signal's reason.
     */
    fetch(input: RequestInfo | URL, init?: FetchOptions<S>): Promise<Response>;
    /**
     * The scopes that the API of a URL says it has, for an API in `apis` with `discover`: its metadata (RFC 9728) is read when it is first needed, once for a page
     * (and again after a challenge that says where it is), without credentials and without following redirects. It must name the API to the letter and, where it names authorization servers, this client's issuer; else error `metadata_invalid`. They count neither as used nor as allowed to ask for.
     */
    apiScopes(url: string | URL): Promise<ApiScopes<S>>;
    /**
     * With `dpop`: a proof (RFC 9449 §4), the value of the header `DPoP`, for one request that the application sends by itself with `Authorization: DPoP <access token>`.
     * For URLs in `apis` or of the page's own origin; others are error `untrusted_origin`. Default method: GET. Every client has it; stand-ins for clients need not.
     */
    dpopProof?(url: string | URL, method?: string, options?: DpopProofOptions): Promise<string>;
    /** The ID token as it came, for back ends that take it; null without one. Never a substitute for an access token. */
    idToken(): string | null;
    /** Claims from the userinfo endpoint, with a token of the default audience. Their `sub` must be the session's, else error `subject_mismatch`. Error `invalid_token` where the endpoint does not take the token, `missing_scope` where that lacks openid, `user_info_invalid` where the answer is no JSON object with `sub`. An answer that is a signed JWT (OpenID Connect Core §5.3.2) is taken with `verifySignature` only, and where its signature, `iss` and `aud` are right, else the same error. */
    userInfo(): Promise<Claims>;
    /** Ends the session in every tab, whatever the network does. Then, unless `local`, revokes its tokens (RFC 7009) and leaves for the end-session endpoint (OpenID Connect RP-Initiated Logout), where the server has these. */
    signOut(options?: SignOutOptions): Promise<void>;
    /** Lets go of the client: no listener is called any more, calls under way end with error `aborted`, and its methods throw, but for `subscribe` and `describeScopes`; snapshots of the session answer as before. The answer to what was sent is still stored, and other clients go on. The stored session stays; with storage "worker" the refresh tokens of this client are gone. */
    close(): void;
}

/** What `createClient` takes. An unknown member or a wrong type is error `invalid_options`, which names it. */
export declare interface ClientOptions<S extends string = string> {
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

/**
 * Loads the module, restores a stored session if there is one, and resolves to a ready client. On a server nobody is signed in, and
 * nothing is loaded. With a type argument, such as `createClient<'openid' | 'read:x'>(…)`, no other scope can be named; without one,
 * any text is a scope, whatever the options name.
 */
export declare function createClient<S extends string = string>(options: ClientOptions<NoInfer<S>>): Promise<Client<S>>;

/** A scope in words for the user. */
export declare interface DescribedScope<S extends string = string> {
    readonly scope: S;
    /** What it allows; the scope's own name where the option `scopes` says nothing of it. */
    readonly title: string;
    /** Why the application wants it. */
    readonly why?: string;
    /** It is asked for alone. */
    readonly sensitive: boolean;
}

/** How `describeScopes` words it. */
export declare interface DescribeOptions {
    /** Language tags (RFC 5646), the best first. */
    locale?: string | readonly string[];
}

export declare interface DpopProofOptions {
    /** The access token that goes with the proof. Default: the one that `fetch` would send to the URL. */
    accessToken?: string;
    /** The API's latest `DPoP-Nonce`, from the response that asked for it or any other; it is remembered (RFC 9449 §9). */
    nonce?: string;
}

export declare interface FetchOptions<S extends string = string> extends RequestInit {
    /** Scopes that this call needs. */
    scope?: Scope<S>;
    audience?: string;
    resource?: string;
    /** What to do about missing scopes: fail (default), or upgrade and send the request once more. "redirect" leaves the page, and does not send it again; who came back with an answer is not sent away for the same within a minute. */
    onMissing?: 'throw' | 'popup' | 'redirect';
}

/** Which grant a check is about. Default: the client's `audience` and `resource`. */
export declare interface GrantSelector {
    audience?: string;
    resource?: string;
}

/**
 * Loads and compiles the module, once per page. `createClient` calls it; call it earlier to overlap it with other work, or
 * to say where the module is and what it must hash to.
 */
export declare function init(source?: WasmSource, options?: InitOptions): Promise<void>;

/** What `init` takes besides the source. */
export declare interface InitOptions {
    /**
     * What the module must hash to, in the syntax of Subresource Integrity: `sha384-…`, several separated by spaces. Then the
     * page loads no other module: a mismatch is error `wasm_unavailable`. Needs a secure context, and to be said first.
     */
    integrity?: string;
}

/** The scope quirks of an authorization server. Every member has a default that follows RFC 6749. */
export declare interface ProviderProfile {
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
    signOut?: {
        url: string;
        clientId?: string;
        returnTo?: string;
    };
}

/**
 * The public types. Terms are those of RFC 6749 (OAuth 2.0), RFC 6750 (Bearer tokens), RFC 9470 (step-up) and
 * OpenID Connect Core 1.0.
 */
/** One scope-token, several in one space-delimited string, or an array of tokens (RFC 6749 §3.3). Case-sensitive, order-free. */
export declare type Scope<S extends string = string> = S | readonly S[];

/** What a scope is for, for the people who are asked. */
export declare interface ScopeDescription extends ScopeWording {
    /** Never asked for together with other scopes. Default false. */
    sensitive?: boolean;
    /** The same in other languages, by language tag (RFC 5646): `{ de: { title: 'Termine anlegen' } }`. */
    locales?: Readonly<Record<string, ScopeWording>>;
}

export declare interface ScopeReport<S extends string = string> {
    readonly requested: readonly S[];
    readonly granted: readonly S[];
    readonly denied: readonly S[];
    /** Checked by hasScope and its kin, or named to upgrade, getAccessToken or fetch, since the session began or the page was loaded. */
    readonly used: readonly S[];
    /** Granted and never used: candidates to drop from the first request. */
    readonly unused: readonly S[];
    /** Used and never requested. */
    readonly unrequested: readonly S[];
    /** With `rememberScopes`: what will be asked for again at this user's next sign-in. */
    readonly remembered?: readonly S[];
}

/**
 * granted: in the grant.
 * denied: requested, and the server said a scope without it, or the user said no to an upgrade.
 * assumed: requested, and the server's answer could not show it (no scope member, or a scope that servers do not list, such as offline_access); counts as granted.
 * not-requested: never asked for.
 */
export declare type ScopeStatus = 'granted' | 'assumed' | 'denied' | 'not-requested';

/** A scope in words of one language. */
export declare interface ScopeWording {
    /** What it allows: "Create appointments". */
    title: string;
    /** Why the application wants it: "to save what you enter". */
    why?: string;
}

/** RFC 8414 and OpenID Connect Discovery metadata: the members that the client reads; others may be there. */
export declare interface ServerMetadata {
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

export declare interface Session<S extends string = string> {
    readonly signedIn: boolean;
    /** Claims of the ID token, checked; null without an ID token. */
    readonly claims: Claims | null;
    /** Scopes of the default audience's grant: those that were asked for, */
    readonly requested: readonly S[];
    /** those that are there, */
    readonly granted: readonly S[];
    /** and those that were asked for and are not. */
    readonly denied: readonly S[];
    /** Seconds since the epoch; null where the server did not say. */
    readonly expiresAt: number | null;
    /** True once the default grant has ended and cannot be renewed: the user is known, and calls need `signIn`. Becoming true is a change. */
    readonly expired: boolean;
    /** False when storage refused the tokens and they live in memory only. */
    readonly persisted: boolean;
    /** The same as the client's `hasScope` for the default audience, on this snapshot: for frameworks that see a dependency only in what changes. */
    has(scope: Scope<S>): boolean;
    /** The same as the client's `missingScopes` for the default audience, on this snapshot. */
    missing(scope: Scope<S>): S[];
}

export declare interface SignInOptions<S extends string = string, A = unknown> extends AuthorizeOptions<S, A> {
    mode?: 'redirect' | 'popup' | 'silent';
    signal?: AbortSignal;
}

export declare interface SignOutOptions {
    /** `post_logout_redirect_uri`: a URL registered with the server, or a path of this origin. */
    returnTo?: string;
    /** Only end the session, in every tab, and stay on the page. Nothing is revoked. */
    local?: boolean;
    /** Also forget which scopes this user granted before (`rememberScopes`); where nobody is signed in, all that is remembered here. Default false. */
    forget?: boolean;
}

/** The shape of Web Storage, synchronous or not. */
export declare interface StorageAdapter {
    getItem(key: string): string | null | Promise<string | null>;
    setItem(key: string, value: string): void | Promise<void>;
    removeItem(key: string): void | Promise<void>;
}

export declare interface TokenOptions<S extends string = string> extends GrantSelector {
    /** Scopes that the token must have. */
    scope?: Scope<S>;
    /** Seconds that the token must last, else it is refreshed; half its lifetime at the most. Default 30. */
    minValidity?: number;
    /** Refresh even if the stored token is still valid. Where nothing can be refreshed, a valid one is given as it is. */
    forceRefresh?: boolean;
    signal?: AbortSignal;
}

export declare interface UpgradeOptions<S extends string = string, A = unknown> extends Omit<SignInOptions<S, A>, 'scope'> {
}

/** Where the WebAssembly comes from, when the file beside the script will not do. */
export declare type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;

/**
 * Options with one more way for the response to come: "query.jwt", as a JWT that the issuer has signed (JARM). Its signature is always checked,
 * with the keys at `jwks_uri`, and before its code is used: that needs a secure context, else error `invalid_options`. A response that fails a
 * check, and one that is no JWT, is error `response_malformed`, `issuer_missing` or `issuer_mismatch`.
 */
export declare type WithSignedResponse<Options> = Omit<Options, 'responseMode'> & {
    responseMode?: 'query' | 'fragment' | 'query.jwt';
};

export { }
