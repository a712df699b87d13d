// A real authorization server on loopback, with one page that signs in and says yes to all, and that counts.
import { EventEmitter } from 'node:events';
// @ts-ignore: the demo is plain JavaScript
import { authorizationServer } from '../../www/server/provider.mjs';
import { listen } from '../e2e/listen.js';
import { CLIENTS, type ClientName } from './clients.js';

/** Short enough for tokens to run out before the ID token does, long enough for every client to take them for valid. */
export const TOKEN_SECONDS = 150;

/** Refresh requests, taken or not, and grants revoked because a refresh token was used twice. */
export interface Counted {
  readonly refreshes: number;
  readonly revoked: number;
}

export interface Provider {
  readonly origin: string;
  readonly metadata: Record<string, unknown>;
  /** What came of a client so far. */
  counted(client: ClientName): Counted;
  close(): Promise<void>;
}

/** Every client is registered under its own name, and comes back to a page of its own. */
const registration = (site: string) => (name: ClientName) => ({
  client_id: name,
  client_name: name,
  redirect_uris: [`${site}/cb/${name}`],
  response_types: ['code'],
  grant_types: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_method: 'none',
});

/** Where auth0-spa-js expects the endpoints. */
const PATHS: Readonly<Record<string, string>> = { '/authorize': '/auth', '/oauth/token': '/token' };

export async function provider(site: string): Promise<Provider> {
  let answer: (request: any, response: any) => unknown = (_, response) => response.writeHead(503).end();
  const { origin, close } = await listen(async (request, response) => void (await answer(request, response)));
  // auth0-spa-js knows no issuer over http but the one with a slash.
  const issuer = `${origin}/`;
  const server = await authorizationServer({ issuer, clients: CLIENTS.map(registration(site)), accessTokenTTL: TOKEN_SECONDS, refreshTokenTTL: 14 * 24 * 3600 });
  const counted = count(server);
  const pass = server.callback();
  answer = (request, response) => {
    const [path = '', query] = request.url.split('?');
    if (path.startsWith('/interaction/')) return consent(server, request, response);
    request.url = [PATHS[path] ?? path, query].filter(Boolean).join('?');
    return pass(request, response);
  };
  const metadata = {
    issuer,
    authorization_endpoint: `${origin}/auth`,
    token_endpoint: `${origin}/token`,
    authorization_response_iss_parameter_supported: true,
  };
  return { origin, metadata, counted, close };
}

function count(server: EventEmitter): (client: ClientName) => Counted {
  const refreshes: string[] = [];
  const revoked: string[] = [];
  const refresh = ({ oidc }: any) => {
    if (oidc?.body?.grant_type === 'refresh_token') refreshes.push(oidc.body.client_id);
  };
  server.on('grant.success', refresh);
  server.on('grant.error', refresh);
  server.on('grant.revoked', ({ oidc }: any) => void revoked.push(oidc.client.clientId));
  const of = (list: string[], client: string) => list.filter((one) => one === client).length;
  return (client) => ({ refreshes: of(refreshes, client), revoked: of(revoked, client) });
}

async function consent(server: any, request: any, response: any): Promise<void> {
  if (request.method === 'GET') return void response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><form method="post"><button>Yes</button></form>');
  const { params } = await server.interactionDetails(request, response);
  const grant = new server.Grant({ accountId: 'ada', clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const result = { login: { accountId: 'ada', remember: false }, consent: { grantId: await grant.save() } };
  await server.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}
