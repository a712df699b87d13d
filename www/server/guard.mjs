// What the demo's APIs have in common: they take JWT access tokens of one provider, say what they want (RFC 6750), and let the apps' pages read that.
import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { provenKey } from './proof.mjs';

const BODY_LIMIT = 10_000;

/** An answer other than success: a status, a challenge (RFC 6750) where there is one, and a body to read. */
export class Refusal extends Error {
  constructor(status, error, description, challenge) {
    super(description);
    Object.assign(this, { status, error, challenge });
  }
}

export const notFound = (description = 'There is nothing here.') => new Refusal(404, 'not_found', description);
export const notAllowed = () => new Refusal(405, 'method_not_allowed', 'This cannot be done here.');

/** What an API asks for, and where it says what it is (RFC 9728), if it does. */
function challenges(metadata) {
  const more = metadata ? [`resource_metadata="${metadata}"`] : [];
  return {
    bearer: (...parameters) => ['Bearer', [...parameters, ...more].join(', ')].filter(Boolean).join(' '),
    dpop: (error) => `DPoP ${error ? `error="${error}", ` : ''}algs="ES256"`,
  };
}

/** Reads the access token of a request, and checks it: its claims, with `need(scope)`. */
function tokenReader({ issuer, resource, nonce, bearer, dpop }) {
  const keys = createRemoteJWKSet(new URL('/jwks', issuer));

  async function verified(token) {
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience: resource, typ: 'at+jwt', requiredClaims: ['sub', 'exp'] });
      return payload;
    } catch (cause) {
      const description = cause.code === 'ERR_JWT_EXPIRED' ? 'The access token has expired.' : 'The access token is not valid here.';
      throw new Refusal(401, 'invalid_token', description, bearer('error="invalid_token"', `error_description="${description}"`));
    }
  }

  async function proof(request, pathname, token) {
    try {
      return await provenKey(request.headers.dpop ?? '', { method: request.method, url: `${issuer}${pathname}`, token, nonce });
    } catch (cause) {
      const error = cause.wantsNonce ? 'use_dpop_nonce' : 'invalid_dpop_proof';
      throw new Refusal(401, error, cause.message, dpop(error));
    }
  }

  function need(claims, scope) {
    if (String(claims.scope ?? '').split(' ').includes(scope)) return;
    throw new Refusal(403, 'insufficient_scope', `This needs ${scope}.`, bearer('error="insufficient_scope"', `scope="${scope}"`));
  }

  return async (request, pathname) => {
    const [, scheme, token] = /^(Bearer|DPoP) +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) throw new Refusal(401, 'unauthorized', 'An access token is needed.', `${bearer()}, ${dpop()}`);
    const claims = await verified(token);
    const proven = scheme.toLowerCase() === 'dpop' ? await proof(request, pathname, token) : undefined;
    // A token that is bound to a key is none without its proof (RFC 9449 §7.2).
    if (claims.cnf?.jkt !== proven) throw new Refusal(401, 'invalid_token', 'The token is of another key.', dpop('invalid_token'));
    return { ...claims, need: (scope) => need(claims, scope) };
  };
}

/** Lets the apps' pages, and no others, read answers and what they ask for. */
function allow(request, response, origin) {
  response.setHeader('vary', 'Origin');
  response.setHeader('cache-control', 'no-store');
  if (request.headers.origin !== origin) return;
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', 'WWW-Authenticate, DPoP-Nonce');
}

/**
 * An API whose tokens are of `issuer` and for `resource`. `answer(request, pathname, authorized)` resolves to a status and a body;
 * `authorized()` to the claims of the request's token, with `need(scope)`. Where the API says what it is, `metadata` is where.
 */
export function guarded({ issuer, origin, resource, metadata, answer }) {
  /** What proofs have in them, so that none can be made in advance (RFC 9449 §9). */
  const nonce = randomBytes(16).toString('base64url');
  const authorized = tokenReader({ issuer, resource, nonce, ...challenges(metadata) });

  return async (request, response, pathname) => {
    allow(request, response, origin);
    response.setHeader('dpop-nonce', nonce);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-methods': 'GET, POST, PUT, DELETE',
        'access-control-allow-headers': 'Authorization, Content-Type, DPoP',
      }).end();
      return;
    }
    try {
      const [status, body] = await answer(request, pathname, () => authorized(request, pathname));
      send(response, status, body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.challenge) response.setHeader('www-authenticate', error.challenge);
      send(response, error.status, { error: error.error, error_description: error.message });
    }
  };
}

/** The JSON of a request. */
export async function readJson(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_LIMIT) throw new Refusal(413, 'too_large', 'That is too much.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'invalid_request', 'The body must be JSON.');
  }
}

function send(response, status, body) {
  if (body === undefined) return response.writeHead(status).end();
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
