// What applications rely on. The package's declarations may say more than this, never less and nothing else.

export type Scope<S extends string = string> = S | readonly S[];

export type WasmSource = string | URL | Request | Response | BufferSource | WebAssembly.Module | Promise<Response>;

export function init(source?: WasmSource): Promise<void>;

export function createClient<const S extends string = string>(options: ClientOptions<S>): Promise<Client<S>>;

export interface ClientOptions<S extends string = string> {
  clientId: string;

  issuer?: string;

  metadata?: ServerMetadata;

  redirectUri?: string;

  scope?: Scope<S>;

  audience?: string;

  resource?: string | readonly string[];

  apis?: Readonly<Record<string, ApiOptions<S>>>;

  authorizationParams?: Readonly<Record<string, string>>;

  storage?: 'session' | 'local' | 'memory' | 'indexeddb' | 'worker' | StorageAdapter;

  dpop?: boolean;

  par?: boolean;

  verifySignature?: boolean;

  provider?: 'generic' | 'auth0' | 'google' | 'entra' | 'okta' | 'keycloak' | 'github' | 'cognito' | ProviderProfile;

  rememberScopes?: boolean;

  scopes?: Readonly<Partial<Record<S, ScopeDescription>>>;
  clockTolerance?: number;

  trustedAudiences?: readonly string[];

  timeout?: number;

  fetch?: typeof globalThis.fetch;
}

export interface ProviderProfile {
  extends?: 'generic' | 'auth0' | 'google' | 'entra' | 'okta' | 'keycloak' | 'github' | 'cognito';

  upgradeRequest?: 'union' | 'incremental';

  implies?: Readonly<Record<string, readonly string[]>>;

  aliases?: Readonly<Record<string, readonly string[]>>;

  unlisted?: readonly string[];

  scopeDelimiter?: ' ' | ',';

  refreshScope?: 'none' | 'requested';

  upgradePrompt?: 'consent';

  signOut?: { url: string; clientId?: string; returnTo?: string };
}

export interface ApiOptions<S extends string = string> {
  audience?: string;
  resource?: string;

  scope?: Scope<S>;

  challengeScope?: Scope<S>;

  discover?: boolean;
}

export interface ScopeDescription {
  title: string;
  why?: string;
  sensitive?: boolean;
}

export interface ApiScopes<S extends string = string> {
  readonly resource: string;
  readonly supported: readonly S[];
  readonly granted: readonly S[];
  readonly missing: readonly S[];
  readonly name?: string;
  readonly documentation?: string;
}

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
  [member: string]: unknown;
}

export interface StorageAdapter {
  getItem(key: string): string | null | Promise<string | null>;
  setItem(key: string, value: string): void | Promise<void>;
  removeItem(key: string): void | Promise<void>;
}

export interface Client<S extends string = string> {
  readonly session: Session<S>;

  subscribe(listener: () => void): () => void;

  authorizeUrl(options?: AuthorizeOptions<S>): AuthorizationRequest;

  prepare(): Promise<void>;

  signIn(options?: SignInOptions<S>): Promise<AuthorizationOutcome<S>>;

  handleCallback(url?: string): Promise<AuthorizationOutcome<S> | null>;

  hasScope(scope: Scope<S>, options?: GrantSelector): boolean;

  hasAnyScope(scope: Scope<S>, options?: GrantSelector): boolean;

  missingScopes(scope: Scope<S>, options?: GrantSelector): S[];

  scopeStatus(scope: S, options?: GrantSelector): ScopeStatus;

  explainScope(scope: S, options?: GrantSelector): string;

  scopeReport(): ScopeReport<S>;

  upgrade(scope: Scope<S>, options?: UpgradeOptions<S>): Promise<AuthorizationOutcome<S>>;

  getAccessToken(options?: TokenOptions<S>): Promise<string>;

  fetch(input: RequestInfo | URL, init?: FetchOptions<S>): Promise<Response>;

  apiScopes(url: string | URL): Promise<ApiScopes<S>>;

  idToken(): string | null;

  userInfo(): Promise<Claims>;

  signOut(options?: SignOutOptions): Promise<void>;

  close(): void;
}

export interface GrantSelector {
  audience?: string;
  resource?: string;
}

export interface Session<S extends string = string> {
  readonly signedIn: boolean;

  readonly claims: Claims | null;

  readonly requested: readonly S[];
  readonly granted: readonly S[];

  readonly denied: readonly S[];

  readonly expiresAt: number | null;

  readonly expired: boolean;

  readonly persisted: boolean;
  /** The same as the client's `hasScope` for the default audience, on this snapshot: for frameworks that see a dependency only in what changes. */
  has(scope: Scope<S>): boolean;
  /** The same as the client's `missingScopes` for the default audience, on this snapshot. */
  missing(scope: Scope<S>): S[];
}

export interface Claims {
  readonly sub: string;
  readonly [claim: string]: unknown;
}

export type ScopeStatus = 'granted' | 'assumed' | 'denied' | 'not-requested';

export interface ScopeReport<S extends string = string> {
  readonly requested: readonly S[];
  readonly granted: readonly S[];
  readonly denied: readonly S[];

  readonly used: readonly S[];

  readonly unused: readonly S[];

  readonly unrequested: readonly S[];
}

export interface AuthorizeOptions<S extends string = string> extends GrantSelector {
  scope?: Scope<S>;

  returnTo?: string;

  appState?: unknown;
  prompt?: 'none' | 'login' | 'consent' | 'select_account' | (string & {});
  loginHint?: string;
  acrValues?: string;

  maxAge?: number;
  uiLocales?: string;

  authorizationDetails?: readonly object[];
  responseMode?: 'query' | 'fragment';

  params?: Readonly<Record<string, string>>;
}

export interface SignInOptions<S extends string = string> extends AuthorizeOptions<S> {
  mode?: 'redirect' | 'popup' | 'silent';
  signal?: AbortSignal;
}

export interface UpgradeOptions<S extends string = string> extends Omit<SignInOptions<S>, 'scope'> {}

export interface AuthorizationRequest {
  readonly url: string;
  readonly state: string;
}

export interface AuthorizationOutcome<S extends string = string> {
  readonly kind: 'sign-in' | 'upgrade';

  readonly outcome: 'granted' | 'partial' | 'denied';
  readonly requested: readonly S[];
  readonly granted: readonly S[];
  readonly missing: readonly S[];
  readonly appState: unknown;
  readonly returnTo: string;
}

export interface TokenOptions<S extends string = string> extends GrantSelector {
  scope?: Scope<S>;

  minValidity?: number;

  forceRefresh?: boolean;
  signal?: AbortSignal;
}

export interface FetchOptions<S extends string = string> extends RequestInit {
  scope?: Scope<S>;
  audience?: string;
  resource?: string;

  onMissing?: 'throw' | 'popup' | 'redirect';
}

export interface SignOutOptions {
  returnTo?: string;

  local?: boolean;

  forget?: boolean;
}

export class AuthError extends Error {
  readonly name: 'AuthError';
  readonly code: AuthErrorCode;

  readonly description?: string;
  readonly errorUri?: string;

  readonly status?: number;

  readonly missing?: readonly string[];

  readonly acrValues?: string;
  readonly maxAge?: number;

  readonly appState?: unknown;
  readonly returnTo?: string;

  readonly reason?: string;

  readonly retryable: boolean;
}

export type AuthErrorCode =

  | 'invalid_options' | 'invalid_scope_syntax' | 'invalid_return_to' | 'metadata_invalid' | 'metadata_required'
  | 'not_in_browser' | 'wasm_unavailable' | 'wasm_blocked_by_csp' | 'instance_poisoned'

  | 'state_missing' | 'transaction_missing' | 'transaction_expired' | 'duplicate_parameter' | 'response_malformed'
  | 'issuer_missing' | 'issuer_mismatch' | 'code_missing' | 'callback_consumed'
  | 'popup_blocked' | 'popup_closed' | 'frame_blocked'

  | 'token_response_invalid' | 'token_response_lost' | 'token_type_unsupported' | 'id_token_invalid' | 'subject_mismatch'

  | 'not_signed_in' | 'missing_scope' | 'insufficient_scope' | 'insufficient_user_authentication' | 'invalid_token'
  | 'challenge_unreadable' | 'upgrade_loop' | 'untrusted_origin'

  | 'network' | 'timeout' | 'aborted' | 'http' | 'storage_unavailable' | 'user_info_invalid'

  | 'access_denied' | 'login_required' | 'consent_required' | 'interaction_required' | 'account_selection_required'
  | 'invalid_request' | 'invalid_scope' | 'invalid_grant' | 'invalid_client' | 'unauthorized_client' | 'unsupported_response_type'
  | 'server_error' | 'temporarily_unavailable' | 'use_dpop_nonce' | 'invalid_dpop_proof' | 'invalid_target'
  | (string & {});
