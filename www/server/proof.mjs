// Proofs of possession at an API (RFC 9449 §4.3, §7): whoever sends a token that is bound to a key has that key.
import { createHash } from 'node:crypto';
import { EmbeddedJWK, calculateJwkThumbprint, jwtVerify } from 'jose';

/** Seconds for which a proof is good. */
const MAX_AGE = 60;

const seen = new Map();

/** The thumbprint of the key that was proven, for a request with this access token. Throws where nothing was. */
export async function provenKey(proof, { method, url, token, nonce }) {
  const options = { typ: 'dpop+jwt', algorithms: ['ES256'], maxTokenAge: MAX_AGE, clockTolerance: 5, requiredClaims: ['jti', 'htm', 'htu', 'ath'] };
  const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, options);
  const { jti, htm, htu, ath } = payload;
  const isOfRequest = htm === method && htu === url && ath === createHash('sha256').update(token).digest('base64url');
  if (!isOfRequest || !isNew(jti)) throw new Error('The proof is of another request.');
  if (nonce !== undefined && payload.nonce !== nonce) throw Object.assign(new Error('The proof needs a nonce.'), { wantsNonce: true });
  return calculateJwkThumbprint(protectedHeader.jwk);
}

function isNew(jti) {
  const now = Date.now();
  for (const [other, at] of seen) if (now - at > 2 * MAX_AGE * 1000) seen.delete(other);
  const isSeen = seen.has(jti);
  seen.set(jti, now);
  return !isSeen;
}
