// A scripted authorization server: it grants what is asked unless a test scripts something else, and counts.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { listen } from './listen.js';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

/** A request to the token endpoint, and ways to answer it. */
export interface Exchange extends Received {
  readonly response: ServerResponse;
  /** What a well-behaved server answers. */
  readonly tokens: Record<string, unknown>;
  json(body: unknown, status?: number, headers?: Record<string, string>): void;
  send(status: number, type: string | undefined, body: string | Buffer): void;
}

export type Script = (exchange: Exchange) => void | Promise<void>;

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** The client does not look at the signature of a token that comes straight from the token endpoint. */
const jwt = (claims: object, header: object = { alg: 'RS256', kid: '1' }) => `${base64url(header)}.${base64url(claims)}.${Buffer.from('signature').toString('base64url')}`;

export async function scriptedServer() {
  const received: Received[] = [];
  const granted = new Map<string, URLSearchParams>();
  let codes = 0;
  let waiting: ((url: string) => void) | undefined;

  const server = {
    issuer: '',
    metadata: {} as Record<string, unknown>,
    received,
    sub: 'ada',
    /** How the next token requests are answered. */
    token: (({ json, tokens }) => json(tokens)) as Script,
    discovery: (({ json }) => json(server.metadata)) as Script,
    /** Where the authorization endpoint sends the user; undefined where it shows a page, with these headers. */
    authorize: ((url) => server.approve(url)) as (url: string, headers: IncomingHttpHeaders) => string | undefined,
    pageHeaders: {} as Record<string, string>,
    /** Authorization requests that it answered so, by their URL. */
    asks: [] as string[],
    /** Members that replace those of every token answer; undefined takes one away. */
    answer: {} as Record<string, unknown>,
    /** Claims that replace those of every ID token. */
    claims: {} as Record<string, unknown>,

    requests: (path = '/token') => received.filter((one) => one.path === path),

    /** The user says yes: the callback URL. `more` are parameters to add, to replace or, undefined, to leave out. */
    approve(url: string, more: Record<string, string | undefined> = {}): string {
      const code = `code-${(codes += 1)}`;
      granted.set(code, new URL(url).searchParams);
      return server.reply(url, { code, ...more });
    },

    /** The next request to the authorization endpoint. It gets no answer, so that the page stays where it is. */
    asked: () => new Promise<string>((resolve) => { waiting = resolve; }),

    /** Any response to an authorization request. */
    reply(url: string, more: Record<string, string | undefined>): string {
      const query = new URL(url).searchParams;
      const parameters = { state: query.get('state') ?? undefined, iss: server.issuer, ...more };
      const form = new URLSearchParams(Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined));
      return `${query.get('redirect_uri')}${query.get('response_mode') === 'fragment' ? '#' : '?'}${form}`;
    },

    close: async () => { await listening.close(); },
  };

  function tokens(form: URLSearchParams): Record<string, unknown> {
    const asked = granted.get(form.get('code') ?? '');
    const scope = asked?.get('scope') ?? '';
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: server.issuer, aud: form.get('client_id'), sub: server.sub, iat: now, exp: now + 3600, nonce: asked?.get('nonce') ?? undefined, ...server.claims };
    const n = server.requests().length;
    return {
      access_token: `access-${n}`, token_type: 'Bearer', expires_in: 3600, scope,
      ...(scope.split(' ').includes('openid') && { id_token: jwt(claims) }),
      ...server.answer,
    };
  }

  const listening = await listen(async (request, response) => {
    const url = new URL(request.url ?? '/', server.issuer);
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const form = new URLSearchParams(body);
    const one = { path: url.pathname, headers: request.headers, form };
    if (url.pathname === '/authorize' && waiting) {
      response.writeHead(204).end();
      waiting(url.href);
      return void (waiting = undefined);
    }
    if (url.pathname === '/authorize') {
      server.asks.push(url.href);
      const location = server.authorize(url.href, request.headers);
      if (location) return void response.writeHead(302, { location }).end();
      return void response.writeHead(200, { 'content-type': 'text/html', ...server.pageHeaders }).end('<!doctype html><title>Sign in</title><link rel="icon" href="data:,">');
    }
    received.push(one);
    response.setHeader('access-control-allow-origin', '*');
    const send = (status: number, type: string | undefined, text: string | Buffer) => {
      if (type) response.setHeader('content-type', type);
      response.writeHead(status).end(text);
    };
    const json = (answer: unknown, status = 200, headers = {}) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string);
      send(status, 'application/json', JSON.stringify(answer));
    };
    const exchange = { ...one, response, tokens: {}, json, send };
    if (url.pathname === '/token') return server.token({ ...exchange, tokens: tokens(form) });
    if (url.pathname.startsWith('/.well-known/')) return server.discovery(exchange);
    if (url.pathname === '/revoke') return send(200, undefined, '');
    send(404, undefined, '');
  });

  server.issuer = listening.origin;
  server.metadata = {
    issuer: server.issuer,
    authorization_endpoint: `${server.issuer}/authorize`,
    token_endpoint: `${server.issuer}/token`,
    revocation_endpoint: `${server.issuer}/revoke`,
    authorization_response_iss_parameter_supported: true,
  };
  return server;
}

export type ScriptedServer = Awaited<ReturnType<typeof scriptedServer>>;
