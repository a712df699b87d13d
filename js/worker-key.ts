/** A point on P-256, by its coordinates in base64url (RFC 7518 §6.2.1). */
export interface PublicKey {
  readonly x: string;
  readonly y: string;
}

interface Key extends PublicKey {
  readonly privateKey: CryptoKey;
}

/** ES256 (RFC 7518 §3.4), as WebCrypto calls it. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** What a worker holds for as long as it has a key: so others know at once whether it is still there. */
const lockOf = (x: string) => `scopewise:key:${x}`;

let making: Promise<Key> | undefined;
let key: Key | undefined;

/** Whether this worker has the key with this `x`. */
export const hasKey = (x: string): boolean => key?.x === x;

/** Whether any worker has it. */
export async function isSomewhere(x: string): Promise<boolean> {
  const { held } = await navigator.locks.query();
  return held!.some(({ name }) => name === lockOf(x));
}

/** The worker's key, made when it is first wanted, and gone with the worker. */
export async function ownKey(): Promise<PublicKey> {
  key = await (making ??= make());
  return { x: key.x, y: key.y };
}

/** The signature of a text, r and s in a row; nothing without a key. */
export async function sign(text: string): Promise<Uint8Array | undefined> {
  return key && new Uint8Array(await crypto.subtle.sign(ALGORITHM, key.privateKey, new TextEncoder().encode(text)));
}

async function make(): Promise<Key> {
  // Nobody can take the private key out of the worker.
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
  const { x, y } = await crypto.subtle.exportKey('jwk', publicKey) as PublicKey;
  await new Promise<void>((held) => void navigator.locks.request(lockOf(x), () => {
    held();
    return new Promise(() => {});
  }));
  return { x, y, privateKey };
}
