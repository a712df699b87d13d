import type { AuthErrorCode } from './types.js';

/** An error's members, as the module hands them over. */
export interface ErrorRecord {
  code: AuthErrorCode;
  message: string;
  retryable?: boolean;
  [detail: string]: unknown;
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
  /** With `id_token_invalid`: which check failed. */
  declare readonly reason?: string;
  /** True where the same call may succeed later and is safe to make again. */
  readonly retryable: boolean = false;

  constructor({ message, ...members }: ErrorRecord, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, members);
  }
}

export const aborted = () => new AuthError({ code: 'aborted', message: 'The caller aborted the call.', retryable: true });

/** The error that a call of the module came to, if it is one: its record begins with a code, as no other does. */
export function lift(result: unknown): AuthError | undefined {
  if (typeof result !== 'string' || !result.startsWith('\x1ecode=')) return undefined;
  const { retryable, status, maxAge, missing, appState, hint, ...texts } = members(result);
  const record = { ...texts, retryable: retryable !== undefined } as ErrorRecord;
  // What the provider's profile knows of the error.
  if (hint) record.message += ` ${hint}`;
  if (status) record.status = +status;
  if (maxAge) record.maxAge = +maxAge;
  if (missing !== undefined) record.missing = list(missing);
  if (appState !== undefined) record.appState = JSON.parse(appState);
  return new AuthError(record);
}

/** One member of a record, as it crosses to the module and back: behind a control character that no text may hold. */
export function member(name: string, text: string): string {
  return `\x1e${name}=${text}`;
}

/** The members of a record by their names. */
export function members(record: string): Record<string, string | undefined> {
  return Object.fromEntries(pairs(record));
}

/** The same, also where a name is there twice. */
export function pairs(record: string): [string, string][] {
  return record.split('\x1e').slice(1).map((pair) => [pair.split('=', 1)[0]!, pair.slice(pair.indexOf('=') + 1)]);
}

/** A set of scopes, which crosses as it goes on the wire. */
export function list<S extends string>(scopes: string | null | undefined): S[] {
  return (scopes ? scopes.split(' ') : []) as S[];
}
