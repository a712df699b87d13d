// Proofs of possession, checked as a server checks them (RFC 9449 §4.3).
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { EmbeddedJWK, calculateJwkThumbprint, jwtVerify, type JWTPayload } from 'jose';
import { expect } from './fixtures.js';
import type { Exchange, ScriptedServer } from './server.js';

export interface Proof {
  /** The thumbprint of the key. */
  readonly key: string;
  readonly claims: JWTPayload;
}

/** The proof that came with a request. Fails where it is none of this request. */
export async function proofOf(headers: IncomingHttpHeaders, method: string, url: string): Promise<Proof> {
  const { payload, protectedHeader } = await jwtVerify(headers['dpop'] as string, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'], maxTokenAge: 300, clockTolerance: 5 });
  expect(protectedHeader.jwk).toEqual({ kty: 'EC', crv: 'P-256', x: expect.any(String), y: expect.any(String) });
  expect(payload).toMatchObject({ htm: method, htu: url, jti: expect.stringMatching(/^[\w-]{22,}$/) });
  const token = headers.authorization?.replace(/^DPoP /, '');
  expect(payload['ath']).toBe(token && createHash('sha256').update(token).digest('base64url'));
  return { key: await calculateJwkThumbprint(protectedHeader.jwk!), claims: payload };
}

/** Binds the tokens of a server to the keys that are proven there; resolves with the proofs so far. */
export function binds(server: ScriptedServer): Proof[] {
  const proofs: Proof[] = [];
  server.answer = { ...server.answer, token_type: 'DPoP' };
  const answer = server.token;
  server.token = async (exchange: Exchange) => {
    proofs.push(await proofOf(exchange.headers, 'POST', `${server.issuer}/token`));
    return answer(exchange);
  };
  return proofs;
}
