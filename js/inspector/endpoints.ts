import { isLoopback } from './loopback.js';
import type { DiagnoseOptions, Finding, Place } from './types.js';
import type { ServerMetadata } from '../types.js';

const NAMES: Readonly<Record<Place, string>> = {
  metadata: 'The metadata', token: 'The token endpoint', userinfo: 'The userinfo endpoint', revocation: 'The revocation endpoint', jwks: 'The place of the keys (jwks_uri)',
  pushed: 'The pushed authorization request endpoint',
};
/** Stands for a code or token that nobody was given. */
const NOTHING = 'scopewise-diagnose';

/** What the server says of itself, and whether the page may read its answers. */
export class Endpoints {
  readonly #options: DiagnoseOptions;
  readonly #blocked = new Set<string>();
  readonly #noteBlocked = ({ effectiveDirective, blockedURI }: SecurityPolicyViolationEvent) => {
    if (effectiveDirective === 'connect-src') this.#blocked.add(originOf(blockedURI) ?? blockedURI);
  };

  constructor(options: DiagnoseOptions) {
    this.#options = options;
    document.addEventListener('securitypolicyviolation', this.#noteBlocked);
  }

  close(): void {
    document.removeEventListener('securitypolicyviolation', this.#noteBlocked);
  }

  async check(): Promise<Finding[]> {
    const { metadata, findings } = this.#options.metadata ? { metadata: this.#options.metadata, findings: [] } : await this.#discover(this.#options.issuer!);
    if (!metadata) return findings;
    const said = checkMetadata(metadata, this.#options);
    const requests = [this.#token(metadata), this.#userInfo(metadata), this.#revocation(metadata), this.#keys(metadata), this.#pushed(metadata)];
    return [...findings, ...said, ...(await Promise.all(requests)).flat()];
  }

  /** OpenID Connect Discovery, then RFC 8414; what the first came to counts where both fail. */
  async #discover(issuer: string): Promise<{ metadata?: ServerMetadata; findings: Finding[] }> {
    const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
    if (!url?.host) return { findings: [{ id: 'issuer', level: 'error', title: `"issuer" is ${issuer}, which is no URL of a server.`, advice: 'Give all of it, from "https://" on, as the server calls itself.' }] };
    const path = url.pathname.replace(/\/$/, '');
    const places = [`${url.origin}${path}/.well-known/openid-configuration`, `${url.origin}/.well-known/oauth-authorization-server${path}`];
    let first: Finding | undefined;
    for (const place of places) {
      const { response, finding } = await this.#request('metadata', place);
      const body: unknown = response?.ok ? await response.json().catch(() => undefined) : undefined;
      if (typeof body === 'object' && body !== null) {
        const metadata = body as ServerMetadata;
        return { metadata, findings: [{ id: 'metadata-ok', level: 'ok', title: `The metadata is at ${place}.` }, checkIssuer(metadata.issuer, issuer)] };
      }
      first ??= finding ?? (response!.ok
        ? { id: 'metadata-json', level: 'error', title: `${place} answers, and not with a JSON object.`, advice: 'Let the server answer application/json there, or give `metadata` to createClient.' }
        : { id: 'metadata-status', level: 'error', title: `${place} answers with status ${response!.status}.`, advice: 'Check `issuer`: the metadata is expected below it. Or give `metadata` to createClient.' });
    }
    return { findings: [first!] };
  }

  /** A code that is none: the answer says whether it can be read, and whether the server knows the client. */
  async #token({ token_endpoint: url }: ServerMetadata): Promise<Finding[]> {
    if (originOf(url) === undefined) return [];
    const { clientId, redirectUri } = this.#options;
    const form = { grant_type: 'authorization_code', client_id: clientId, code: NOTHING, code_verifier: NOTHING.repeat(3), redirect_uri: URL.canParse(redirectUri ?? '/', location.origin) ? new URL(redirectUri ?? '/', location.origin).href : '' };
    const { response, finding } = await this.#request('token', url, { method: 'POST', body: new URLSearchParams(form) });
    if (!response) return [finding!];
    const error = await response.json().then((body) => body?.error, () => undefined) as unknown;
    if (typeof error !== 'string') {
      const advice = 'Compare `token_endpoint` in the metadata with the place of the server’s token endpoint.';
      return [{ id: 'token-status', level: 'error', title: `The token endpoint answers with status ${response.status}, and without an OAuth error, to a code that is none.`, advice }];
    }
    const ok = readable('token');
    if (error !== 'invalid_client' && error !== 'unauthorized_client') return [ok, { id: 'client', level: 'ok', title: 'The server asks for no client secret.' }];
    const advice = 'Register the app at the server as a public client (single-page app, no secret, `token_endpoint_auth_method` none) with the code flow, and compare `clientId` to the letter.';
    return [ok, { id: 'client', level: 'error', title: `The token endpoint says ${error}: it does not know the client "${clientId}", or wants a secret of it.`, advice }];
  }

  #userInfo({ userinfo_endpoint: url }: ServerMetadata): Promise<Finding[]> {
    return this.#optional('userinfo', url, { headers: { authorization: `Bearer ${NOTHING}` } });
  }

  #revocation({ revocation_endpoint: url }: ServerMetadata): Promise<Finding[]> {
    return this.#optional('revocation', url, { method: 'POST', body: new URLSearchParams({ client_id: this.#options.clientId, token: NOTHING }) });
  }

  /** An endpoint that signing in does without. */
  async #optional(place: Place, url: string | undefined, init: RequestInit): Promise<Finding[]> {
    if (!url) return [];
    const { response, finding } = await this.#request(place, url, init);
    return [response ? readable(place) : { ...finding!, level: 'warning' }];
  }

  async #keys({ jwks_uri: url }: ServerMetadata): Promise<Finding[]> {
    if (!this.#options.verifySignature) return [];
    if (!url) return [{ id: 'metadata-missing', level: 'error', title: 'The metadata has no `jwks_uri`, and "verifySignature" needs keys.', advice: 'Let the server name it, or leave `verifySignature` out.' }];
    const { response, finding } = await this.#request('jwks', url);
    if (response?.ok) return [{ id: 'jwks-ok', level: 'ok', title: 'The page may read the keys of the server.' }];
    return [finding ?? { id: 'jwks-status', level: 'error', title: `The place of the keys answers with status ${response!.status}.`, advice: 'Check `jwks_uri` in the metadata.' }];
  }

  async #pushed({ pushed_authorization_request_endpoint: url, require_pushed_authorization_requests: isRequired }: ServerMetadata): Promise<Finding[]> {
    if (!this.#options.par && !isRequired) return [];
    if (!url) return [{ id: 'metadata-missing', level: 'error', title: 'The metadata has no `pushed_authorization_request_endpoint`, and requests are to be pushed.', advice: 'Let the server name it, or leave `par` out.' }];
    // Without a response_type nothing is begun.
    const { response, finding } = await this.#request('pushed', url, { method: 'POST', body: new URLSearchParams({ client_id: this.#options.clientId }) });
    return [response ? readable('pushed') : finding!];
  }

  /** A response that the page may read, or why there is none. */
  async #request(place: Place, url: string, init: RequestInit = {}): Promise<{ response?: Response; finding?: Finding }> {
    const send = this.#options.fetch ?? globalThis.fetch;
    const bounded = (more: RequestInit): RequestInit => ({ credentials: 'omit', cache: 'no-store', redirect: 'error', ...more, signal: AbortSignal.timeout(this.#options.timeout ?? 10_000) });
    try {
      return { response: await send(url, bounded(init)) };
    } catch {
      // A violation is told a little later than the failure.
      await new Promise((resolve) => setTimeout(resolve));
      if (this.#blocked.has(originOf(url)!)) {
        return { finding: { id: `${place}-csp`, level: 'error', title: `This page's Content Security Policy keeps it from ${url}.`, advice: `Add ${originOf(url)} to connect-src in the policy of this page.` } };
      }
    }
    // Without CORS the page may ask, and may not read.
    const isThere = await send(url, bounded({ mode: 'no-cors', redirect: 'follow' })).then(() => true, () => false);
    if (!isThere) {
      return { finding: { id: `${place}-unreachable`, level: 'error', title: `${NAMES[place]} cannot be reached at ${url}.`, advice: 'Check the URL, the network, and the certificate of the server.' } };
    }
    const headers = place === 'userinfo' ? ', and `Access-Control-Allow-Headers: authorization` in its answer to OPTIONS' : '';
    const advice = `Let the server send \`Access-Control-Allow-Origin: ${location.origin}\` there${headers}: often that is the list of allowed web origins in the client's registration. It must not answer with a redirect.`;
    return { finding: { id: `${place}-cors`, level: 'error', title: `${NAMES[place]} answers, and this page may not read it (CORS): ${url}`, advice } };
  }
}

const readable = (place: Place): Finding => ({ id: `${place}-ok`, level: 'ok', title: `The page may read the answers of ${NAMES[place].replace('The', 'the')}.` });

function originOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).origin : undefined;
}

function checkIssuer(found: unknown, issuer: string): Finding {
  if (found === issuer) return { id: 'issuer', level: 'ok', title: 'The server calls itself as `issuer` says.' };
  const isSlash = typeof found === 'string' && found.replace(/\/$/, '') === issuer.replace(/\/$/, '');
  const advice = `Give createClient \`issuer: '${String(found)}'\`, to the letter${isSlash ? ': they differ in the slash at the end' : ', if that is the server you mean'}.`;
  return { id: 'issuer', level: 'error', title: `The server calls itself ${String(found)}, and not ${issuer}.`, advice };
}

/** What the metadata says. */
function checkMetadata(metadata: ServerMetadata, options: DiagnoseOptions): Finding[] {
  const listed = (member: string) => (Array.isArray(metadata[member]) ? metadata[member] as unknown[] : undefined);
  const findings: Finding[] = [];
  const methods = listed('code_challenge_methods_supported');
  if (methods?.includes('S256')) findings.push({ id: 'pkce', level: 'ok', title: 'The server names S256 for PKCE.' });
  else {
    const title = methods ? `The server names ${methods.join(', ')} for PKCE, and not S256, which is always sent.` : 'The server does not say that it knows PKCE (`code_challenge_methods_supported`).';
    findings.push({ id: 'pkce', level: methods ? 'error' : 'warning', title, advice: 'Turn PKCE with S256 on at the server. One that ignores it works, and does not protect the code.' });
  }
  const types = listed('response_types_supported');
  if (types && !types.includes('code')) findings.push({ id: 'response-type', level: 'error', title: 'The server does not offer the code flow.', advice: 'Allow the response type `code` at the server.' });
  const scopes = [options.scope ?? 'openid', ...Object.values(options.apis ?? {}).map(({ scope }) => scope ?? [])].flat().flatMap((text) => text.split(' ')).filter(Boolean);
  const supported = listed('scopes_supported');
  const unknown = [...new Set(scopes)].filter((scope) => !supported?.includes(scope));
  if (supported && unknown.length > 0) {
    const advice = 'Check their spelling, define them at the server, and allow them for this client. A server need not list all that it has (RFC 8414 §2).';
    findings.push({ id: 'scopes', level: 'warning', title: `The server does not list these scopes: ${unknown.join(', ')}.`, advice });
  } else findings.push({ id: 'scopes', level: 'ok', title: supported ? 'The server lists all scopes that are asked for.' : 'The server lists no scopes.' });
  const algorithms = listed('dpop_signing_alg_values_supported');
  if (options.dpop && !algorithms?.includes('ES256')) {
    findings.push({ id: 'dpop', level: algorithms ? 'error' : 'warning', title: 'The server does not say that it takes DPoP proofs with ES256.', advice: 'Turn DPoP on at the server and for this client, or leave `dpop` out.' });
  }
  for (const member of ['authorization_endpoint', 'token_endpoint'] as const) findings.push(...checkEndpoint(member, metadata[member]));
  return findings;
}

function checkEndpoint(member: string, url: unknown): Finding[] {
  if (typeof url !== 'string' || !URL.canParse(url)) {
    return [{ id: 'metadata-missing', level: 'error', title: `The metadata has no \`${member}\`.`, advice: 'Let the server name it, or give `metadata` to createClient.' }];
  }
  const { protocol, hostname } = new URL(url);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
  return isSafe ? [] : [{ id: 'insecure-endpoint', level: 'error', title: `\`${member}\` is ${url}, which is not https.`, advice: 'Let the server name an https URL; behind a proxy it may have to be told that it is on https.' }];
}
