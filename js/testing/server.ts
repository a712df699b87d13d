import { decode, encode, hashOf, signer, type Signer } from './keys.js';
import { check } from './options.js';
import { parseAny } from './scopes.js';
import { answerWindows, askOnPage } from './windows.js';
import type { FakeAnswer, FakeEndpoint, FakeRequest, FakeServer, FakeServerOptions, FakeToken } from './server-types.js';
import type { Claims, ServerMetadata } from '../types.js';

/** What a code stands for. It is in the code itself, so that the page which answers and the one which asked need share nothing. */
interface Granted {
  readonly id: string;
  readonly clientId: string;
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce?: string;
  readonly acr?: string;
  readonly audience?: string;
  readonly scopes: readonly string[];
  /** What is granted besides (RFC 9396). */
  readonly details?: readonly object[];
  readonly user: Claims;
  /** Seconds since the epoch. */
  readonly at: number;
}

/** A refresh token stands for a grant, and is the nth of it. */
interface Refresh {
  readonly of: Granted;
  readonly n: number;
  readonly serial: number;
}

const CODE_LIFETIME = 60;
const ID_TOKEN_LIFETIME = 3600;
const PATHS: Readonly<Record<string, FakeEndpoint>> = {
  '/.well-known/openid-configuration': 'metadata', '/.well-known/oauth-authorization-server': 'metadata', '/token': 'token', '/userinfo': 'userinfo', '/jwks': 'jwks', '/revoke': 'revocation',
};

const claimsOf = (user: string | Claims): Claims => (typeof user === 'string' ? { sub: user } : user);
const now = (): number => Math.floor(Date.now() / 1000);
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } });
const refused = (error: string, description: string): Response => json({ error, error_description: description }, 400);

/** An authorization server in the page: see `FakeServer`. Needs WebCrypto: a secure context, or Node. */
export function createFakeServer(options: FakeServerOptions = {}): FakeServer {
  return new Server(options).handle;
}

class Server {
  readonly handle: FakeServer;
  readonly #options: FakeServerOptions;
  readonly #base: string;
  readonly #requests: FakeRequest[] = [];
  readonly #once: { readonly endpoint: FakeEndpoint; readonly respond: () => Response | Promise<Response> }[] = [];
  /** Codes and refresh tokens that were used, and grants that are over. */
  readonly #used = new Set<string>();
  readonly #over = new Set<string>();
  #keys: Promise<Signer> | undefined;
  /** What was granted before is over. */
  #notBefore = 0;
  #count = 0;

  constructor(options: FakeServerOptions) {
    check('createFakeServer', options);
    this.#options = options;
    const issuer = options.issuer ?? 'https://id.test';
    this.#base = issuer.replace(/\/$/, '');
    this.handle = {
      issuer,
      metadata: this.#metadata(issuer),
      fetch: (input, init) => this.#fetch(requestOf(input, init)),
      requests: this.#requests,
      user: claimsOf(options.user ?? 'user'),
      answer: (url, answer) => this.#answer(url, answer ?? 'allow'),
      answerWindows: (answer) => answerWindows(this.handle.metadata.authorization_endpoint, answer, (url, how) => this.#answer(url, how)),
      answerPage: async (answer) => {
        const url = location.href;
        location.replace(await this.#answer(url, answer ?? (await askOnPage(url))));
      },
      once: (endpoint, respond) => void this.#once.push({ endpoint, respond }),
      inspect: (token) => this.#inspect(token),
      revokeAll: () => void (this.#notBefore = this.#count += 1),
    };
  }

  #metadata(issuer: string): ServerMetadata {
    const { authorizationEndpoint, scopes } = this.#options;
    return {
      issuer,
      authorization_endpoint: authorizationEndpoint === undefined ? `${this.#base}/authorize` : absolute(authorizationEndpoint) as string,
      token_endpoint: `${this.#base}/token`,
      userinfo_endpoint: `${this.#base}/userinfo`,
      revocation_endpoint: `${this.#base}/revoke`,
      jwks_uri: `${this.#base}/jwks`,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
      ...(scopes !== undefined && { scopes_supported: parseAny(scopes) }),
    };
  }

  async #answer(text: string, answer: FakeAnswer): Promise<string> {
    const asked = new URL(text).searchParams;
    const redirectUri = asked.get('redirect_uri');
    if (!redirectUri) throw new Error('This is no authorization request: it has no redirect_uri.');
    const known = this.#options.scopes === undefined ? undefined : parseAny(this.#options.scopes);
    const requested = parseAny(asked.get('scope') ?? '');
    const problem = problemOf(asked, this.#options.clientId) ?? (requested.every((scope) => known?.includes(scope) ?? true) ? undefined : ['invalid_scope', 'The server does not know all of these scopes.']);
    const { error, description, granted, user, details = detailsOf(asked) } = readAnswer(answer, problem);
    const scopes = requested.filter((scope) => granted?.includes(scope) ?? true);
    const code = () => `fake-code.${encode({ ...this.#granted(asked, redirectUri, scopes, user ?? this.handle.user), ...(details && { details }) })}`;
    const says = error === undefined ? { code: code() } : { error, ...(description !== undefined && { error_description: description }) };
    const url = new URL(redirectUri);
    const form = new URLSearchParams({ ...says, state: asked.get('state') ?? '', iss: this.handle.issuer });
    if (asked.get('response_mode') === 'fragment') url.hash = form.toString();
    else form.forEach((value, name) => url.searchParams.append(name, value));
    return url.href;
  }

  #granted(asked: URLSearchParams, redirectUri: string, scopes: readonly string[], user: Claims): Granted {
    const optional = (name: string, parameter: string) => (asked.has(parameter) ? { [name]: asked.get(parameter)! } : {});
    return {
      id: crypto.randomUUID(), clientId: asked.get('client_id')!, redirectUri, challenge: asked.get('code_challenge')!, scopes, user, at: now(),
      ...optional('nonce', 'nonce'), ...optional('acr', 'acr_values'), ...optional('audience', 'resource'), ...optional('audience', 'audience'),
    };
  }

  async #fetch(request: Request): Promise<Response> {
    const endpoint = request.url.startsWith(`${this.#base}/`) ? PATHS[new URL(request.url).pathname.slice(new URL(this.#base).pathname.replace(/\/$/, '').length)] : undefined;
    if (!endpoint) return this.#options.respond ? this.#options.respond(request) : globalThis.fetch(request);
    const parameters = request.method === 'POST' ? Object.fromEntries(new URLSearchParams(await request.text())) : {};
    this.#requests.push({ endpoint, parameters });
    const at = this.#once.findIndex((one) => one.endpoint === endpoint);
    if (at >= 0) return this.#once.splice(at, 1)[0]!.respond();
    switch (endpoint) {
      case 'metadata': return json(this.handle.metadata);
      case 'jwks': return json({ keys: [(await this.#signer()).publicKey] });
      case 'userinfo': return this.#userInfo(request);
      case 'revocation': return this.#revoke(parameters['token'] ?? '');
      case 'token': return this.#token(parameters, request.headers.has('dpop'));
    }
  }

  #signer(): Promise<Signer> {
    return (this.#keys ??= signer());
  }

  #userInfo(request: Request): Response {
    const token = this.#inspect(request.headers.get('authorization')?.replace(/^(Bearer|DPoP) /i, '') ?? '');
    if (token?.scopes.includes('openid')) return json(token.user);
    return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
  }

  /** Ends the grant that a token is of (RFC 7009 §2.1). */
  #revoke(token: string): Response {
    const id = decode<Refresh>(token, 'fake-refresh')?.of.id ?? decode<{ id: string }>(token, 'fake-access')?.id;
    if (id) this.#over.add(id);
    return new Response(null, { status: 200 });
  }

  /** With a proof (RFC 9449 §5) the tokens are bound to its key. */
  async #token(form: Readonly<Record<string, string>>, isBound: boolean): Promise<Response> {
    if (form['grant_type'] === 'refresh_token') return this.#refresh(form, isBound);
    if (form['grant_type'] !== 'authorization_code') return refused('unsupported_grant_type', 'The server knows authorization_code and refresh_token.');
    const granted = decode<Granted>(form['code'] ?? '', 'fake-code');
    if (!granted || granted.at + CODE_LIFETIME < now()) return refused('invalid_grant', 'The code is none, or too old.');
    if (this.#used.has(granted.id)) {
      this.#over.add(granted.id);
      return refused('invalid_grant', 'The code was used before.');
    }
    this.#used.add(granted.id);
    if (granted.clientId !== form['client_id'] || granted.redirectUri !== form['redirect_uri']) return refused('invalid_grant', 'The code is for another client or redirect_uri.');
    if (granted.challenge !== (await hashOf(form['code_verifier'] ?? ''))) return refused('invalid_grant', 'code_verifier is not that of code_challenge.');
    return this.#tokens(granted, 0, isBound, granted.nonce);
  }

  async #refresh(form: Readonly<Record<string, string>>, isBound: boolean): Promise<Response> {
    const refresh = decode<Refresh>(form['refresh_token'] ?? '', 'fake-refresh');
    if (!refresh || refresh.of.clientId !== form['client_id']) return refused('invalid_grant', 'The refresh token is none, or of another client.');
    const use = `${refresh.of.id} ${refresh.n}`;
    if (this.#used.has(use)) this.#over.add(refresh.of.id);
    this.#used.add(use);
    if (this.#isOver(refresh.of.id, refresh.serial)) return refused('invalid_grant', 'The grant is over: it was revoked, or a refresh token was used twice.');
    return this.#tokens(refresh.of, refresh.n + 1, isBound);
  }

  async #tokens(of: Granted, n: number, isBound: boolean, nonce?: string): Promise<Response> {
    const { refreshTokens = 'offline_access', expiresIn = 3600 } = this.#options;
    const isRefreshable = refreshTokens === 'always' || (refreshTokens === 'offline_access' && of.scopes.includes('offline_access'));
    const { id, scopes, user, clientId, audience } = of;
    const serial = (this.#count += 1);
    const token: FakeToken = { user, scopes, clientId, expiresAt: now() + expiresIn, ...(audience !== undefined && { audience }) };
    const access = `fake-access.${encode({ id, serial, ...token })}`;
    const claims = { ...user, iss: this.handle.issuer, aud: clientId, iat: now(), exp: now() + ID_TOKEN_LIFETIME, auth_time: of.at, ...(nonce !== undefined && { nonce }), ...(of.acr !== undefined && { acr: of.acr.split(' ')[0] }) };
    return json({
      access_token: access, token_type: isBound ? 'DPoP' : 'Bearer', expires_in: expiresIn, scope: scopes.join(' '),
      ...(of.details && { authorization_details: of.details }),
      ...(isRefreshable && { refresh_token: `fake-refresh.${encode({ of, n, serial })}` }),
      ...(scopes.includes('openid') && { id_token: await (await this.#signer()).sign(claims, access) }),
    });
  }

  #inspect(token: string): FakeToken | null {
    const found = decode<FakeToken & { readonly id: string; readonly serial: number }>(token, 'fake-access');
    if (!found || found.expiresAt <= now() || this.#isOver(found.id, found.serial)) return null;
    const { user, scopes, clientId, audience, expiresAt } = found;
    return { user, scopes, clientId, expiresAt, ...(audience !== undefined && { audience }) };
  }

  #isOver(id: string, serial: number): boolean {
    return this.#over.has(id) || serial < this.#notBefore;
  }
}

/** What there is to say; what is wrong with the request goes before the user's own. */
function readAnswer(answer: FakeAnswer, problem: [string, string] | undefined): { error?: string; description?: string; granted?: string[]; user?: Claims; details?: readonly object[] } {
  if (problem) return { error: problem[0], description: problem[1] };
  if (answer === 'deny') return { error: 'access_denied' };
  if (answer === 'allow') return {};
  if ('error' in answer) return answer;
  return {
    ...(answer.granted !== undefined && { granted: parseAny(answer.granted) }), ...('user' in answer && { user: claimsOf(answer.user) }),
    ...('authorizationDetails' in answer && { details: answer.authorizationDetails }),
  };
}

/** What is asked for besides scopes. */
const detailsOf = (asked: URLSearchParams): readonly object[] | undefined => (asked.has('authorization_details') ? JSON.parse(asked.get('authorization_details')!) as object[] : undefined);

/** What is wrong with an authorization request: an error's code, and what it is about. */
function problemOf(asked: URLSearchParams, clientId: string | undefined): [string, string] | undefined {
  if (clientId !== undefined && asked.get('client_id') !== clientId) return ['unauthorized_client', 'The server does not know this client.'];
  if (asked.get('response_type') !== 'code') return ['unsupported_response_type', 'The server knows the code flow only.'];
  if (!asked.has('code_challenge') || asked.get('code_challenge_method') !== 'S256') return ['invalid_request', 'The server wants PKCE with S256.'];
  return undefined;
}

/** Without its signal: jsdom's is none that the `Request` of Node takes, and what is answered at once needs none. */
function requestOf(input: RequestInfo | URL, init: RequestInit = {}): Request {
  const { signal: _, ...rest } = init;
  return new Request(absolute(input), rest);
}

/** Node has no page to read relative URLs by. */
function absolute(input: RequestInfo | URL): RequestInfo | URL {
  if (typeof input === 'object' && 'url' in input) return input;
  return typeof location !== 'undefined' && /^https?:/.test(location.href) ? new URL(input, location.href).href : String(input);
}
