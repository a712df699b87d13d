// Keys, and JWTs that are signed with them.
import { constants, generateKeyPairSync, sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';

/** A key, and how to sign with it as JWS says. */
export interface Signer {
  readonly alg: string;
  readonly jwk: object;
  signature(data: string): Buffer;
}

export interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

export function signer(alg: string, { publicKey, privateKey }: KeyPair, hash: string | null, more: Omit<SignKeyObjectInput, 'key'> = {}): Signer {
  return {
    alg,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid: alg, use: 'sig', alg },
    signature: (data) => sign(hash, Buffer.from(data), { key: privateKey, ...more }),
  };
}

const rsa = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = (namedCurve: string) => () => generateKeyPairSync('ec', { namedCurve });
const raw = { dsaEncoding: 'ieee-p1363' } as const;
const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST };

/** What each algorithm signs with (RFC 7518 §3.1, RFC 8037 §3.1). */
const ALGORITHMS = {
  RS256: { keys: rsa, hash: 'sha256', more: {} },
  RS512: { keys: rsa, hash: 'sha512', more: {} },
  PS256: { keys: rsa, hash: 'sha256', more: pss },
  PS384: { keys: rsa, hash: 'sha384', more: pss },
  ES256: { keys: ec('P-256'), hash: 'sha256', more: raw },
  ES384: { keys: ec('P-384'), hash: 'sha384', more: raw },
  ES512: { keys: ec('P-521'), hash: 'sha512', more: raw },
  EdDSA: { keys: () => generateKeyPairSync('ed25519'), hash: null, more: {} },
} as const;

/** Signs as an algorithm has it, with a key of its own by default. */
export function signerOf(alg: keyof typeof ALGORITHMS, keys?: KeyPair): Signer {
  const { keys: make, hash, more } = ALGORITHMS[alg];
  return signer(alg, keys ?? make(), hash, more);
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT. What becomes of the signature on its way is for the test to say. */
export function token({ alg, signature }: Signer, claims: object, change: (signature: Buffer) => Buffer = (sound) => sound): string {
  const data = `${base64url({ alg, kid: alg })}.${base64url(claims)}`;
  return `${data}.${change(signature(data)).toString('base64url')}`;
}
