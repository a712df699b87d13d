// Signatures of ID tokens, checked by the browser with real keys.
import { generateKeyPairSync } from 'node:crypto';
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { signer, signerOf, token } from '../signers.js';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const es256 = signerOf('ES256', p256);
const SIGNERS = [
  signerOf('RS256', rsa), signerOf('RS512', rsa), signerOf('PS256', rsa), signerOf('PS384', rsa),
  es256, signerOf('ES384'), signerOf('ES512'), signerOf('EdDSA'),
];
const KEYS = SIGNERS.map(({ jwk }) => jwk);

test('C109 signatures of each algorithm, sound and mangled', async ({ app, server }) => {
  server.jwks = ({ json }) => json({ keys: KEYS });
  await app.open({ verifySignature: true });
  for (const one of SIGNERS) {
    server.sign = (claims) => token(one, claims, (signature) => signature.fill(signature[9]! ^ 1, 9, 10));
    expectFailure(await app.handle(server.approve((await app.start()).url)), 'id_token_invalid', { reason: 'signature' });
    server.sign = (claims) => token(one, claims);
    expect(await app.signIn(), one.alg).toMatchObject({ outcome: 'granted' });
  }
  expect(server.requests('/jwks')).toHaveLength(1);
});

test('C110 an ECDSA signature of zeros, and one in DER', async ({ app, server }) => {
  server.jwks = ({ json }) => json({ keys: KEYS });
  await app.open({ verifySignature: true });
  const der = signer('ES256', p256, 'sha256');
  for (const sign of [(claims: object) => token(es256, claims, (signature) => signature.fill(0)), (claims: object) => token(der, claims)]) {
    server.sign = sign;
    expectFailure(await app.handle(server.approve((await app.start()).url)), 'id_token_invalid', { reason: 'signature' });
  }
  expect((await app.session()).signedIn).toBe(false);
});

test('C112 a key that is published later, and one that the browser does not take', async ({ app, server }) => {
  await app.open({ verifySignature: true });
  server.sign = (claims) => token(es256, claims);
  // The first set is empty; the second one has the key.
  server.jwks = ({ json }) => json({ keys: server.requests('/jwks').length > 1 ? [es256.jwk] : [] });
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
  const other = app.as('other');
  // It is no point of the curve.
  server.jwks = ({ json }) => json({ keys: [{ ...es256.jwk, x: 'A'.repeat(43) }] });
  await other.open({ verifySignature: true, clientId: 'other' });
  expectFailure(await other.handle(server.approve((await other.start()).url)), 'id_token_invalid', { reason: 'key' });
});
