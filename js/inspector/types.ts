/** What `diagnose` takes and gives. */

import type { ClientOptions } from '../types.js';

/** The options of `createClient`. `timeout` (default 10000 milliseconds) bounds each check. */
export interface DiagnoseOptions extends Omit<ClientOptions, 'scopes'> {}

/** Where a request of the client goes. */
export type Place = 'metadata' | 'token' | 'userinfo' | 'revocation' | 'jwks' | 'pushed';

/** What was checked, and with requests what came of it. It is stable: branch on it rather than on the words. */
export type FindingId =
  | `${Place}-${'ok' | 'cors' | 'csp' | 'unreachable' | 'status'}`
  | 'metadata-json' | 'metadata-missing' | 'issuer' | 'pkce' | 'response-type' | 'scopes' | 'client' | 'dpop' | 'insecure-endpoint'
  | 'secure-context' | 'wasm' | 'storage' | 'locks' | 'channel' | 'framed' | 'opener-policy'
  | 'redirect-uri' | 'redirect-status' | 'redirect-frame' | 'redirect-hand-over';

export interface Finding {
  readonly id: FindingId;
  /** error: signing in, or what the options ask for, does not work. warning: a part does not, or may not. ok: nothing to do. */
  readonly level: 'error' | 'warning' | 'ok';
  /** What was found, in a sentence. */
  readonly title: string;
  /** What to change, and where; absent with "ok". */
  readonly advice?: string;
}
