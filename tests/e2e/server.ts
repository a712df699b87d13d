// A scripted authorization server: it grants what is asked unless a test scripts something else, and counts.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { listen } from './listen.js';
import type { Kind, Secrets } from './secrets.js';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly form: URLSearchParams;
}

/** A request to the token endpoint, and ways to answer it. */
export interface Exchange extends Received {
  readonly response: ServerResponse;
  /** What a well-behaved server answers; undefined where the refresh token is none that it takes. */
  readonly tokens: Record<string, unknown> | undefined;
  json(body: unknown, status?: number, headers?: Record<string, string>): void;
  send(status: number, type: string | undefined, body: string | Buffer): void;
}

export type Script = (exchange: Exchange) => void | Promise<void>;

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

const jwt = (claims: object, header: object = { alg: 'RS256', kid: '1' }) => `${base64url(header)}.${base64url(claims)}.${Buffer.from('signature').toString('base64url')}`;

/** What parameters and members are called that hold secrets. */
const NAMES: Readonly<Record<Kind, string>> = {
  code: 'code', verifier: 'code_verifier', state: 'state', nonce: 'nonce', 'access token': 'access_token', 'refresh token': 'refresh_token', 'ID token': 'id_token',
};

export async function scriptedServer(secrets: Secrets = new Map()) {
  const received: Received[] = [];
  const granted = new Map<string, URLSearchParams>();
  const pushed = new Map<string, string>();
  let codes = 0;
  let waiting: ((url: string) => void) | undefined;

  const server = {
    issuer: '',
    /** What the names of its codes and tokens end in, where they are to be known from another server's. */
    mark: '',
    metadata: {} as Record<string, unknown>,
    received,
    sub: 'ada',
    /** Gives refresh tokens, each good for one use. One that is used again ends the grant: all later ones are refused. */
    refreshes: false,
    /** How the next token requests are answered. */
    token: (({ json, tokens }) => (tokens ? json(tokens) : json({ error: 'invalid_grant', error_description: 'Used, or unknown.' }, 400))) as Script,
    discovery: (({ json }) => json(server.metadata)) as Script,
    /** What is at its `jwks_uri`. */
    jwks: (({ json }) => json({ keys: [] })) as Script,
    /** Signs ID tokens and responses. By default the signature is none: the client does not look at it unless it is told to. */
    sign: jwt as (claims: object) => string,
    push: (({ form, json }) => json({ request_uri: server.keep(form), expires_in: 60 }, 201)) as Script,
    revocation: (({ send }) => send(200, undefined, '')) as Script,
    userInfo: (({ json }) => json({ sub: server.sub, email: 'ada@id.example' })) as Script,
    /** Where the authorization endpoint sends the user; undefined where it shows a page, with these headers. */
    authorize: ((url) => server.approve(url)) as (url: string, headers: IncomingHttpHeaders) => string | undefined,
    pageHeaders: {} as Record<string, string>,
    /** Authorization requests that it answered so, by their URL. */
    asks: [] as string[],
    /** Every secret that it issued or was sent. */
    secrets,
    /** Members that replace those of every token answer; undefined takes one away. */
    answer: {} as Record<string, unknown>,
    /** Claims that replace those of every ID token. */
    claims: {} as Record<string, unknown>,

    requests: (path = '/token') => received.filter((one) => one.path === path),

    /** Keeps a request that was pushed: its request_uri. */
    keep(form: URLSearchParams): string {
      const uri = `urn:ietf:params:oauth:request_uri:${pushed.size}`;
      pushed.set(uri, form.toString());
      return uri;
    },

    /** The user says yes: the callback URL. `more` are parameters to add, to replace or, undefined, to leave out. */
    approve(url: string, more: Record<string, string | undefined> = {}): string {
      const code = `code-${(codes += 1)}${server.mark}`;
      granted.set(code, new URL(url).searchParams);
      keepSecrets({ code }, 'code');
      keepSecrets(Object.fromEntries(new URL(url).searchParams), 'state', 'nonce');
      return server.reply(url, { code, ...more });
    },

    /** The next request to the authorization endpoint. It gets no answer, so that the page stays where it is. */
    asked: () => new Promise<string>((resolve) => { waiting = resolve; }),

    /** Any response to an authorization request. */
    reply(url: string, more: Record<string, string | undefined>): string {
      const query = new URL(url).searchParams;
      const parameters = { state: query.get('state') ?? undefined, iss: server.issuer, ...more };
      if (query.get('response_mode') === 'query.jwt') return `${query.get('redirect_uri')}?response=${server.sign({ aud: query.get('client_id'), exp: Math.floor(Date.now() / 1000) + 600, ...parameters })}`;
      const form = new URLSearchParams(Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined));
      return `${query.get('redirect_uri')}${query.get('response_mode') === 'fragment' ? '#' : '?'}${form}`;
    },

    close: async () => { await listening.close(); },
  };

  /** Takes the members of these names for secrets, where they are long enough to be found. */
  function keepSecrets(members: Record<string, unknown>, ...kinds: Kind[]): void {
    for (const kind of kinds) {
      const secret = members[NAMES[kind]];
      if (typeof secret === 'string' && secret.length > 5) server.secrets.set(secret, kind);
    }
  }

  /** What came of each refresh token: the request that it goes back to, and whether it was used. */
  const refreshable = new Map<string, { asked: URLSearchParams; grant: { over: boolean }; used: boolean }>();

  /** The grant that a refresh token stands for; undefined where it does not. */
  function renewed(form: URLSearchParams) {
    const known = refreshable.get(form.get('refresh_token') ?? '');
    if (known?.used) known.grant.over = true;
    if (!known || known.grant.over) return undefined;
    known.used = true;
    return known;
  }

  function tokens(form: URLSearchParams): Record<string, unknown> | undefined {
    const isRefresh = form.get('grant_type') === 'refresh_token';
    const before = isRefresh ? renewed(form) : undefined;
    if (isRefresh && !before) return undefined;
    const asked = before?.asked ?? granted.get(form.get('code') ?? '');
    const scope = asked?.get('scope') ?? '';
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: server.issuer, aud: form.get('client_id'), sub: server.sub, iat: now, exp: now + 3600, nonce: asked?.get('nonce') ?? undefined, ...server.claims };
    const n = server.requests().length;
    if (server.refreshes && asked) refreshable.set(`refresh-${n}${server.mark}`, { asked, grant: before?.grant ?? { over: false }, used: false });
    const answer = {
      access_token: `access-${n}${server.mark}`, token_type: 'Bearer', expires_in: 3600, ...(!isRefresh && { scope }),
      ...(server.refreshes && { refresh_token: `refresh-${n}${server.mark}` }),
      ...(scope.split(' ').includes('openid') && { id_token: server.sign(claims) }),
      ...server.answer,
    };
    keepSecrets(answer, 'access token', 'refresh token', 'ID token');
    keepSecrets(Object.fromEntries(form), 'verifier');
    return answer;
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
      const kept = pushed.get(url.searchParams.get('request_uri') ?? '');
      const asked = kept ? `${server.issuer}/authorize?${kept}` : url.href;
      const location = server.authorize(asked, request.headers);
      if (location) return void response.writeHead(302, { location }).end();
      return void response.writeHead(200, { 'content-type': 'text/html', ...server.pageHeaders }).end('<!doctype html><title>Sign in</title><link rel="icon" href="data:,">');
    }
    if (request.method !== 'OPTIONS') received.push(one);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'authorization, dpop');
    response.setHeader('access-control-expose-headers', 'DPoP-Nonce');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    const send = (status: number, type: string | undefined, text: string | Buffer) => {
      if (type) response.setHeader('content-type', type);
      response.writeHead(status).end(text);
    };
    const json = (answer: unknown, status = 200, headers = {}) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string);
      send(status, 'application/json', JSON.stringify(answer));
    };
    const exchange = { ...one, response, tokens: {}, json, send };
    if (url.pathname === '/token') {
      // A refresh token is used by whoever asks what it is good for.
      return server.token({ ...exchange, get tokens() { return tokens(form); } });
    }
    if (url.pathname.startsWith('/.well-known/')) return server.discovery(exchange);
    if (url.pathname === '/jwks') return server.jwks(exchange);
    if (url.pathname === '/par') return server.push(exchange);
    if (url.pathname === '/revoke') return server.revocation(exchange);
    if (url.pathname === '/userinfo') return server.userInfo(exchange);
    send(404, undefined, '');
  });

  server.issuer = listening.origin;
  server.metadata = {
    issuer: server.issuer,
    authorization_endpoint: `${server.issuer}/authorize`,
    token_endpoint: `${server.issuer}/token`,
    jwks_uri: `${server.issuer}/jwks`,
    revocation_endpoint: `${server.issuer}/revoke`,
    userinfo_endpoint: `${server.issuer}/userinfo`,
    pushed_authorization_request_endpoint: `${server.issuer}/par`,
    authorization_response_iss_parameter_supported: true,
  };
  return server;
}

export type ScriptedServer = Awaited<ReturnType<typeof scriptedServer>>;
