import type { AuthErrorCode } from './types.js';

/** What crosses from the module: an error's members as a plain object. */
export interface ErrorRecord {
  code: AuthErrorCode;
  message: string;
  description?: string;
  errorUri?: string;
  status?: number;
  missing?: readonly string[];
  acrValues?: string;
  maxAge?: number;
  /** JSON text. */
  appState?: string;
  reason?: string;
  retryable?: boolean;
}

/**
 * The one error class: `code` says what happened, `message` what to do. It never holds a code, verifier, state or token.
 * With two copies of the package on one page, test `name === 'AuthError'` rather than `instanceof`.
 */
export class AuthError extends Error {
  override readonly name = 'AuthError';
  readonly code: AuthErrorCode;
  /** `error_description` of the server, as data: control characters are gone, and it is cut at 1,000 characters. */
  readonly description?: string;
  /** `error_uri` of the server, where it is http or https. */
  readonly errorUri?: string;
  /** HTTP status, where a response caused it. */
  readonly status?: number;
  /** Scopes to `upgrade` for, with `missing_scope` and `insufficient_scope`. */
  readonly missing?: readonly string[];
  /** With `insufficient_user_authentication` (RFC 9470). */
  readonly acrValues?: string;
  /** With `insufficient_user_authentication` (RFC 9470), seconds. */
  readonly maxAge?: number;
  /** The appState of the request that failed. */
  readonly appState?: unknown;
  /** With `id_token_invalid`: which check failed. */
  readonly reason?: string;
  /** True where the same call may succeed later and is safe to make again. */
  readonly retryable: boolean;

  constructor(record: ErrorRecord, cause?: unknown) {
    super(record.message, cause === undefined ? undefined : { cause });
    const { message, appState, ...members } = record;
    Object.assign(this, members);
    this.code = record.code;
    this.retryable = record.retryable === true;
    if (appState !== undefined) this.appState = JSON.parse(appState);
  }
}

/** The error of a thrown value that crossed from the module; undefined where it is none. */
export function lift(thrown: unknown): AuthError | undefined {
  const isRecord = typeof thrown === 'object' && thrown !== null && !(thrown instanceof Error) && 'code' in thrown;
  return isRecord ? new AuthError(thrown as ErrorRecord) : undefined;
}
