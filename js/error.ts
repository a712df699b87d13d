import type { AuthErrorCode } from './types.js';

/** The members of an error, as the module hands them over. */
export interface ErrorMembers {
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
  readonly [detail: string]: unknown;
}

/**
 * The one error class: `code` says what happened, `message` what to do. It never holds a code, verifier, state or token.
 * With two copies of the package on one page, test `name === 'AuthError'` rather than `instanceof`.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly code!: AuthErrorCode;
  /** `error_description` of the server, as data: control characters are gone, and it is cut at 1,000 characters. */
  declare readonly description?: string;
  /** `error_uri` of the server, where it is http or https. */
  declare readonly errorUri?: string;
  /** HTTP status, where a response caused it. */
  declare readonly status?: number;
  /** Scopes to `upgrade` for, with `missing_scope` and `insufficient_scope`. */
  declare readonly missing?: readonly string[];
  /** With `insufficient_user_authentication` (RFC 9470). */
  declare readonly acrValues?: string;
  /** With `insufficient_user_authentication` (RFC 9470), seconds. */
  declare readonly maxAge?: number;
  /** The appState of the request that failed. */
  declare readonly appState?: unknown;
  /** The returnTo of the request that failed. */
  declare readonly returnTo?: string;
  /** With `id_token_invalid`: which check failed. */
  declare readonly reason?: string;
  /** True where the same call may succeed later and is safe to make again. */
  readonly retryable: boolean = false;

  constructor({ message, ...members }: ErrorMembers, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, members);
  }
}

/** What a call of the module threw, as an `AuthError`; what the platform threw (in `fetch`) stays as it is. */
export function toAuthError(thrown: unknown): unknown {
  const isError = typeof thrown === 'object' && thrown !== null && Object.getPrototypeOf(thrown) === Object.prototype && 'code' in thrown;
  return isError ? new AuthError(thrown as ErrorMembers) : thrown;
}

export function invalidOptions(message: string): AuthError {
  return new AuthError({ code: 'invalid_options', message });
}

export const aborted = () => new AuthError({ code: 'aborted', message: 'The caller aborted the call.', retryable: true });
