// Keys, and JWTs that are signed with them.
import { sign, type KeyObject, type SignKeyObjectInput } from 'node:crypto';

/** A key, and how to sign with it as JWS says. */
export interface Signer {
  readonly alg: string;
  readonly jwk: object;
  signature(data: string): Buffer;
}

export function signer(alg: string, { publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }, hash: string | null, more: Omit<SignKeyObjectInput, 'key'> = {}): Signer {
  return {
    alg,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid: alg, use: 'sig', alg },
    signature: (data) => sign(hash, Buffer.from(data), { key: privateKey, ...more }),
  };
}

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A JWT. What becomes of the signature on its way is for the test to say. */
export function token({ alg, signature }: Signer, claims: object, change: (signature: Buffer) => Buffer = (sound) => sound): string {
  const data = `${base64url({ alg, kid: alg })}.${base64url(claims)}`;
  return `${data}.${change(signature(data)).toString('base64url')}`;
}
