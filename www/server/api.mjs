// The demo's API: appointments, guarded by the scopes of a JWT access token.
import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { API_SCOPES, RESOURCE } from './clients.mjs';
import { appointments, Unsound } from './appointments.mjs';
import { provenKey } from './proof.mjs';

const BODY_LIMIT = 10_000;
const [READ, WRITE, DELETE] = API_SCOPES;

/** An answer other than success: a status, a challenge (RFC 6750) where there is one, and a body to read. */
class Refusal extends Error {
  constructor(status, error, description, challenge) {
    super(description);
    Object.assign(this, { status, error, challenge });
  }
}

export function appointmentsApi({ issuer, origin }) {
  const keys = createRemoteJWKSet(new URL('/jwks', issuer));
  const calendar = appointments();
  /** What proofs have in them, so that none can be made in advance (RFC 9449 §9). */
  const nonce = randomBytes(16).toString('base64url');

  async function answer(request, pathname) {
    const route = /^\/api\/appointments(?:\/([\w-]{1,40}))?$/.exec(pathname);
    if (!route) throw new Refusal(404, 'not_found', 'There is nothing here.');
    const id = route[1];
    const claims = await authorized(request, pathname);
    if (request.method === 'GET' && !id) {
      need(claims, READ);
      return [200, { appointments: calendar.list(claims.sub) }];
    }
    if (request.method === 'POST' && !id) {
      need(claims, WRITE);
      return [201, calendar.add(claims.sub, await readJson(request))];
    }
    if (request.method === 'DELETE' && id) {
      need(claims, DELETE);
      if (!calendar.remove(claims.sub, id)) throw new Refusal(404, 'not_found', 'There is no such appointment.');
      return [204];
    }
    throw new Refusal(405, 'method_not_allowed', 'This cannot be done here.');
  }

  async function authorized(request, pathname) {
    const [, scheme, token] = /^(Bearer|DPoP) +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    if (!token) throw new Refusal(401, 'unauthorized', 'An access token is needed.', 'Bearer, DPoP algs="ES256"');
    const claims = await verified(token);
    const proven = scheme.toLowerCase() === 'dpop' ? await proof(request, pathname, token) : undefined;
    // A token that is bound to a key is none without its proof (RFC 9449 §7.2).
    if (claims.cnf?.jkt !== proven) throw new Refusal(401, 'invalid_token', 'The token is of another key.', 'DPoP error="invalid_token", algs="ES256"');
    return claims;
  }

  async function proof(request, pathname, token) {
    const url = `${issuer}${pathname}`;
    try {
      return await provenKey(request.headers.dpop ?? '', { method: request.method, url, token, nonce });
    } catch (cause) {
      const error = cause.wantsNonce ? 'use_dpop_nonce' : 'invalid_dpop_proof';
      throw new Refusal(401, error, cause.message, `DPoP error="${error}", algs="ES256"`);
    }
  }

  async function verified(token) {
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience: RESOURCE, typ: 'at+jwt', requiredClaims: ['sub', 'exp'] });
      return payload;
    } catch (cause) {
      const description = cause.code === 'ERR_JWT_EXPIRED' ? 'The access token has expired.' : 'The access token is not valid here.';
      throw new Refusal(401, 'invalid_token', description, `Bearer error="invalid_token", error_description="${description}"`);
    }
  }

  return async (request, response, pathname) => {
    response.setHeader('vary', 'Origin');
    response.setHeader('cache-control', 'no-store');
    if (request.headers.origin === origin) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', 'WWW-Authenticate, DPoP-Nonce');
    }
    response.setHeader('dpop-nonce', nonce);
    if (request.method === 'OPTIONS') {
      response.writeHead(204, {
        'access-control-allow-methods': 'GET, POST, DELETE',
        'access-control-allow-headers': 'Authorization, Content-Type, DPoP',
      }).end();
      return;
    }
    try {
      const [status, body] = await answer(request, pathname);
      send(response, status, body);
    } catch (error) {
      if (error instanceof Unsound) return send(response, 400, { error: 'invalid_request', error_description: error.message });
      if (!(error instanceof Refusal)) throw error;
      if (error.challenge) response.setHeader('www-authenticate', error.challenge);
      send(response, error.status, { error: error.error, error_description: error.message });
    }
  };
}

function need(claims, scope) {
  if (String(claims.scope ?? '').split(' ').includes(scope)) return;
  throw new Refusal(403, 'insufficient_scope', `This needs ${scope}.`, `Bearer error="insufficient_scope", scope="${scope}"`);
}

async function readJson(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_LIMIT) throw new Refusal(413, 'too_large', 'That is too much for an appointment.');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Unsound('The body must be JSON.');
  }
}

function send(response, status, body) {
  if (body === undefined) return response.writeHead(status).end();
  return response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
