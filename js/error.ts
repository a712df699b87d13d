import type { AuthErrorCode, DescribedScope } from './types.js';

/** The members of an error, as the module hands them over. */
export interface ErrorMembers {
  readonly code: AuthErrorCode;
  readonly message: string;
  readonly retryable?: boolean;
  readonly [detail: string]: unknown;
}

/** What an error surely has besides, by its code. */
export interface AuthErrorDetails {
  missing_scope: { readonly missing: readonly string[] };
  insufficient_scope: { readonly missing: readonly string[] };
  id_token_invalid: { readonly reason: string };
  http: { readonly status: number };
}

/** An `AuthError` whose code is known. */
export type AuthErrorOf<C extends AuthErrorCode> = AuthError & { readonly code: C } & (C extends keyof AuthErrorDetails ? AuthErrorDetails[C] : unknown);

/** The member of `AuthErrorDetails` that each of its codes has. */
const DETAIL_OF: Readonly<Record<string, string>> = { __proto__: null!, missing_scope: 'missing', insufficient_scope: 'missing', id_token_invalid: 'reason', http: 'status' };

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
  /** What those are for, in the page's language, where the option `scopes` describes one of them. */
  declare readonly descriptions?: readonly DescribedScope[];
  /** With `insufficient_user_authentication` (RFC 9470). */
  declare readonly acrValues?: string;
  /** With `insufficient_user_authentication` (RFC 9470), seconds. */
  declare readonly maxAge?: number;
  /** The appState of the request that failed. */
  declare readonly appState?: unknown;
  /** The returnTo of the request that failed. */
  declare readonly returnTo?: string;
  /** Which check an ID token failed (`id_token_invalid`), or another signed JWT (`response_malformed`, `user_info_invalid`). */
  declare readonly reason?: string;
  /** True where the same call may succeed later and is safe to make again. */
  readonly retryable: boolean = false;

  /**
   * Whether something that was thrown is an `AuthError` of this code, with what is said of it in `AuthErrorDetails`: after
   * `AuthError.is(error, 'missing_scope')` its `missing` is there. One of another copy of the package is one, too.
   */
  static is<const C extends AuthErrorCode>(error: unknown, code: C): error is AuthErrorOf<C> {
    const isOne = error instanceof Error && error.name === 'AuthError' && (error as AuthError).code === code;
    return isOne && (DETAIL_OF[code] === undefined || error[DETAIL_OF[code] as keyof Error] !== undefined);
  }

  /**
   * Declared as that of `Error`, which is what an application may call: its error has a message, perhaps a cause, and no code.
   *
   * @internal
   */
  constructor(given: ErrorMembers | string = '', cause?: unknown) {
    const isText = typeof given !== 'object';
    const { message, ...members }: ErrorMembers = isText ? { code: '', message: given } : given;
    super(message, isText ? (cause as ErrorOptions) : cause === undefined ? undefined : { cause });
    // Defined, not assigned, and what does not apply is undefined: whatever a page adds to Object.prototype is not in here.
    for (const name of new Set([...DETAILS, ...Object.keys(members)])) {
      const isThere = Object.hasOwn(members, name);
      Object.defineProperty(this, name, { __proto__: null, value: isThere ? members[name] : undefined, enumerable: isThere, configurable: true } as PropertyDescriptor);
    }
  }
}

/** The members above that may be missing. */
const DETAILS = ['description', 'errorUri', 'status', 'missing', 'descriptions', 'acrValues', 'maxAge', 'appState', 'returnTo', 'reason'];

/** What a call of the module threw, as an `AuthError`: its errors have no prototype. The reason of an abort stays as it is. */
export function toAuthError(thrown: unknown): unknown {
  const isError = typeof thrown === 'object' && thrown !== null && Object.getPrototypeOf(thrown) === null && Object.hasOwn(thrown, 'code');
  if (!isError) return thrown;
  // Without a prototype, so `cause` is its own or undefined.
  const { cause, ...members } = thrown as ErrorMembers;
  return new AuthError(members as ErrorMembers, cause);
}

export function invalidOptions(message: string, cause?: unknown): AuthError {
  return new AuthError({ code: 'invalid_options', message }, cause);
}

export const aborted = (message = 'The caller aborted the call.') => new AuthError({ code: 'aborted', message, retryable: true });
