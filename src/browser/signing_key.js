import { database } from './storage/indexed_db.js';

/** ES256 (RFC 7518 §3.4), as WebCrypto calls it. */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/**
 * The key pairs of a page that may not use the database, by name: gone with the page.
 *
 * @type {Map<string, CryptoKeyPair>}
 */
const unkept = new Map();

/**
 * The key of a name, in this browser for all its pages: whichever is there, also where the one with this `x` is
 * wanted. Where any will do it is made if there is none.
 *
 * @param {string} name
 * @param {string | undefined} x
 */
export async function signingKey(name, x) {
  const mayMake = x === undefined;
  const unstored = unkept.get(name);
  if (unstored) return published(unstored, false);
  const look = () => (mayMake ? keptOrMade(name) : kept(name));
  // A database that failed once may have the key all the same, and tokens are of no use without it.
  const stored = await look().catch(look).catch(() => undefined);
  if (stored) return published(stored, true);
  if (!mayMake) return undefined;
  const made = await make();
  unkept.set(name, made);
  return published(made, false);
}

/**
 * @param {string} name
 * @returns {Promise<CryptoKeyPair | undefined>}
 */
async function kept(name, stored = database()) {
  const found = await stored.getItem(name);
  return isPair(found) ? found : undefined;
}

/**
 * Two pages may be here at once: one of their keys stays, and is the key of both.
 *
 * @param {string} name
 */
async function keptOrMade(name, stored = database()) {
  return await kept(name, stored) ?? stored.keep(name, await make(), isPair);
}

/**
 * @param {any} value
 * @returns {value is CryptoKeyPair}
 */
function isPair(value) {
  return value?.privateKey instanceof CryptoKey && value.publicKey instanceof CryptoKey;
}

/** Nobody can take the private key out of the browser. */
function make() {
  return crypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify']);
}

/**
 * @param {CryptoKeyPair} pair
 * @param {boolean} isKept
 */
async function published({ privateKey, publicKey }, isKept) {
  const { x, y } = await crypto.subtle.exportKey('jwk', publicKey);
  return {
    x, y, isKept,
    /** @param {string} text */
    sign: async (text) => new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, new TextEncoder().encode(text))),
  };
}
