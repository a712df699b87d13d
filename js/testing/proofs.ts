import { base64Url } from './keys.js';

/** Those that the platform's fetch spells in capitals, however they are given (Fetch §2.2.1). */
const NORMALIZED = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'POST', 'PUT'];

/** A method as the platform's fetch sends it. */
export const methodOf = (method: string): string => NORMALIZED.find((known) => known === method.toUpperCase()) ?? method;

/** A JWT of the right form, and without a signature. */
export function unsigned(header: object, claims: object): string {
  // The mock needs no TextEncoder: Jest's jsdom has none.
  const bytes = (text: string) => encodeURIComponent(text).replace(/%(..)/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  const part = (value: object) => base64Url(bytes(JSON.stringify(value)));
  return `${part(header)}.${part(claims)}.`;
}

/** No key has these coordinates. */
const KEY = { kty: 'EC', crv: 'P-256', x: 'mock', y: 'mock' };

/** Proofs of the right form (RFC 9449 §4.2), without a signature and the hash of the token; and the nonces of APIs, by origin. */
export class Proofs {
  readonly #nonces = new Map<string, string>();
  #count = 0;

  nonce(url: string): string | undefined {
    return this.#nonces.get(new URL(url).origin);
  }

  note(url: string, nonce: string | null | undefined): void {
    if (nonce) this.#nonces.set(new URL(url).origin, nonce);
  }

  make(url: string, method: string): string {
    const nonce = this.nonce(url);
    const claims = { jti: `mock-proof-${(this.#count += 1)}`, htm: methodOf(method), htu: url.split(/[?#]/)[0], iat: Math.floor(Date.now() / 1000), ...(nonce !== undefined && { nonce }) };
    return unsigned({ typ: 'dpop+jwt', alg: 'ES256', jwk: KEY }, claims);
  }
}
