/** Keys, hashes and tokens that a fake server needs. Its tokens are for tests: whoever has one can read it. */

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const fromBase64Url = (text: string): Uint8Array => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (character) => character.charCodeAt(0));
const binary = (bytes: Uint8Array): string => Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/** A text in base64url, which has a character for each byte. */
export const base64Url = (text: string): string => btoa(text).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** A value as text for a URL. */
export const encode = (value: unknown): string => base64Url(binary(bytesOf(JSON.stringify(value))));

/** What stands in a code or token of a kind; undefined where it is none. */
export function decode<T>(text: string, kind: string): T | undefined {
  if (!text.startsWith(`${kind}.`)) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(fromBase64Url(text.slice(kind.length + 1)))) as T;
  } catch {
    return undefined;
  }
}

/** The S256 challenge of a verifier (RFC 7636 §4.2). */
export async function hashOf(text: string, length = 32): Promise<string> {
  const hash = await subtle().digest('SHA-256', bytesOf(text));
  return base64Url(binary(new Uint8Array(hash).slice(0, length)));
}

export interface Signer {
  /** As it is published, a JWK. */
  readonly publicKey: Readonly<Record<string, unknown>>;
  /** An ID token with these claims and the `at_hash` of its access token, signed with ES256. */
  sign(claims: object, accessToken: string): Promise<string>;
}

/** Makes a key. */
export async function signer(): Promise<Signer> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
  const { privateKey, publicKey } = await subtle().generateKey(algorithm, true, ['sign', 'verify']);
  const { kty, crv, x, y } = await subtle().exportKey('jwk', publicKey);
  const kid = await hashOf(`${x}.${y}`, 8);
  return {
    publicKey: { kty, crv, x, y, kid, use: 'sig', alg: 'ES256' },
    async sign(claims, accessToken) {
      const signed = `${encode({ alg: 'ES256', typ: 'JWT', kid })}.${encode({ ...claims, at_hash: await hashOf(accessToken, 16) })}`;
      const signature = await subtle().sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, bytesOf(signed));
      return `${signed}.${base64Url(binary(new Uint8Array(signature)))}`;
    },
  };
}

function subtle(): SubtleCrypto {
  const { subtle } = globalThis.crypto ?? {};
  if (!subtle) throw new Error('createFakeServer needs WebCrypto: a secure context (https, or http on localhost), or Node.');
  return subtle;
}
