// A scripted authorization server: it grants what is asked unless a test scripts something else, and counts.
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { listen, type Listening } from './listen.js';
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

/** What a refresh token stands for: the request that it goes back to, and whether it was used. */
interface Refreshable {
  readonly asked: URLSearchParams;
  readonly grant: { over: boolean };
  used: boolean;
}

export class ScriptedServer {
  issuer = '';
  /** What the names of its codes and tokens end in, where they are to be known from another server's. */
  mark = '';
  metadata: Record<string, unknown> = {};
  readonly received: Received[] = [];
  sub = 'ada';
  /** Gives refresh tokens, each good for one use. One that is used again ends the grant: all later ones are refused. */
  refreshes = false;
  /** How the next token requests are answered. */
  token: Script = ({ json, tokens }) => (tokens ? json(tokens) : json({ error: 'invalid_grant', error_description: 'Used, or unknown.' }, 400));
  discovery: Script = ({ json }) => json(this.metadata);
  /** What is at its `jwks_uri`. */
  jwks: Script = ({ json }) => json({ keys: [] });
  /** Signs ID tokens and responses. By default the signature is none: the client does not look at it unless it is told to. */
  sign: (claims: object) => string = jwt;
  push: Script = ({ form, json }) => json({ request_uri: this.keep(form), expires_in: 60 }, 201);
  revocation: Script = ({ send }) => send(200, undefined, '');
  userInfo: Script = ({ json }) => json({ sub: this.sub, email: 'ada@id.example' });
  /** Where the authorization endpoint sends the user; undefined where it shows a page, with these headers. */
  authorize: (url: string, headers: IncomingHttpHeaders) => string | undefined = (url) => this.approve(url);
  pageHeaders: Record<string, string> = {};
  /** Authorization requests that it answered so, by their URL. */
  readonly asks: string[] = [];
  /** Members that replace those of every token answer; undefined takes one away. */
  answer: Record<string, unknown> = {};
  /** Claims that replace those of every ID token. */
  claims: Record<string, unknown> = {};
  /** What each code was asked for with. */
  readonly #granted = new Map<string, URLSearchParams>();
  readonly #pushed = new Map<string, string>();
  readonly #refreshable = new Map<string, Refreshable>();
  #codes = 0;
  #waiting: ((url: string) => void) | undefined;
  #listening: Listening | undefined;

  /** `secrets` gets every secret that it issues or is sent. */
  constructor(readonly secrets: Secrets) {}

  async listen(): Promise<void> {
    this.#listening = await listen((request, response) => this.#serve(request, response));
    const issuer = (this.issuer = this.#listening.origin);
    this.metadata = {
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      revocation_endpoint: `${issuer}/revoke`,
      userinfo_endpoint: `${issuer}/userinfo`,
      pushed_authorization_request_endpoint: `${issuer}/par`,
      authorization_response_iss_parameter_supported: true,
    };
  }

  async close(): Promise<void> {
    await this.#listening?.close();
  }

  requests(path = '/token'): Received[] {
    return this.received.filter((one) => one.path === path);
  }

  /** Keeps a request that was pushed: its request_uri. */
  keep(form: URLSearchParams): string {
    const uri = `urn:ietf:params:oauth:request_uri:${this.#pushed.size}`;
    this.#pushed.set(uri, form.toString());
    return uri;
  }

  /** The user says yes: the callback URL. `more` are parameters to add, to replace or, undefined, to leave out. */
  approve(url: string, more: Record<string, string | undefined> = {}): string {
    const code = `code-${(this.#codes += 1)}${this.mark}`;
    this.#granted.set(code, new URL(url).searchParams);
    this.#keepSecrets({ code }, 'code');
    this.#keepSecrets(Object.fromEntries(new URL(url).searchParams), 'state', 'nonce');
    return this.reply(url, { code, ...more });
  }

  /** The next request to the authorization endpoint. It gets no answer, so that the page stays where it is. */
  asked(): Promise<string> {
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  /** Any response to an authorization request. */
  reply(url: string, more: Record<string, string | undefined>): string {
    const query = new URL(url).searchParams;
    const parameters = { state: query.get('state') ?? undefined, iss: this.issuer, ...more };
    if (query.get('response_mode') === 'query.jwt') return `${query.get('redirect_uri')}?response=${this.sign({ aud: query.get('client_id'), exp: Math.floor(Date.now() / 1000) + 600, ...parameters })}`;
    const form = new URLSearchParams(Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined));
    return `${query.get('redirect_uri')}${query.get('response_mode') === 'fragment' ? '#' : '?'}${form}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.issuer);
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    if (url.pathname === '/authorize') return this.#authorization(url, request.headers, response);
    const received = { path: url.pathname, headers: request.headers, form: new URLSearchParams(body) };
    if (request.method !== 'OPTIONS') this.received.push(received);
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-allow-headers', 'authorization, dpop');
    response.setHeader('access-control-expose-headers', 'DPoP-Nonce');
    if (request.method === 'OPTIONS') return void response.writeHead(204).end();
    return this.#script(url.pathname)(this.#exchange(received, response));
  }

  #authorization(url: URL, headers: IncomingHttpHeaders, response: ServerResponse): void {
    if (this.#waiting) {
      response.writeHead(204).end();
      this.#waiting(url.href);
      return void (this.#waiting = undefined);
    }
    this.asks.push(url.href);
    const pushed = this.#pushed.get(url.searchParams.get('request_uri') ?? '');
    const location = this.authorize(pushed ? `${this.issuer}/authorize?${pushed}` : url.href, headers);
    if (location) return void response.writeHead(302, { location }).end();
    response.writeHead(200, { 'content-type': 'text/html', ...this.pageHeaders }).end('<!doctype html><title>Sign in</title><link rel="icon" href="data:,">');
  }

  /** What answers at a path. */
  #script(path: string): Script {
    if (path.startsWith('/.well-known/')) return this.discovery;
    const scripts: Record<string, Script> = { '/token': this.token, '/jwks': this.jwks, '/par': this.push, '/revoke': this.revocation, '/userinfo': this.userInfo };
    return scripts[path] ?? (({ send }) => send(404, undefined, ''));
  }

  #exchange(received: Received, response: ServerResponse): Exchange {
    const send = (status: number, type: string | undefined, text: string | Buffer) => {
      if (type) response.setHeader('content-type', type);
      response.writeHead(status).end(text);
    };
    const json = (answer: unknown, status = 200, headers = {}) => {
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value as string);
      send(status, 'application/json', JSON.stringify(answer));
    };
    const tokens = () => this.#tokens(received.form);
    // A refresh token is used by whoever asks what it is good for.
    return { ...received, response, json, send, get tokens() { return tokens(); } };
  }

  #tokens(form: URLSearchParams): Record<string, unknown> | undefined {
    const isRefresh = form.get('grant_type') === 'refresh_token';
    const before = isRefresh ? this.#renewed(form) : undefined;
    if (isRefresh && !before) return undefined;
    const asked = before?.asked ?? this.#granted.get(form.get('code') ?? '');
    const scope = asked?.get('scope') ?? '';
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: this.issuer, aud: form.get('client_id'), sub: this.sub, iat: now, exp: now + 3600, nonce: asked?.get('nonce') ?? undefined, ...this.claims };
    const n = this.requests().length;
    if (this.refreshes && asked) this.#refreshable.set(`refresh-${n}${this.mark}`, { asked, grant: before?.grant ?? { over: false }, used: false });
    const answer = {
      access_token: `access-${n}${this.mark}`, token_type: 'Bearer', expires_in: 3600, ...(!isRefresh && { scope }),
      ...(this.refreshes && { refresh_token: `refresh-${n}${this.mark}` }),
      ...(scope.split(' ').includes('openid') && { id_token: this.sign(claims) }),
      ...this.answer,
    };
    this.#keepSecrets(answer, 'access token', 'refresh token', 'ID token');
    this.#keepSecrets(Object.fromEntries(form), 'verifier');
    return answer;
  }

  /** The grant that a refresh token stands for; undefined where it does not. */
  #renewed(form: URLSearchParams): Refreshable | undefined {
    const known = this.#refreshable.get(form.get('refresh_token') ?? '');
    if (known?.used) known.grant.over = true;
    if (!known || known.grant.over) return undefined;
    known.used = true;
    return known;
  }

  /** Takes the members of these names for secrets, where they are long enough to be found. */
  #keepSecrets(members: Record<string, unknown>, ...kinds: Kind[]): void {
    for (const kind of kinds) {
      const secret = members[NAMES[kind]];
      if (typeof secret === 'string' && secret.length > 5) this.secrets.set(secret, kind);
    }
  }
}

export async function scriptedServer(secrets: Secrets = new Map()): Promise<ScriptedServer> {
  const server = new ScriptedServer(secrets);
  await server.listen();
  return server;
}
