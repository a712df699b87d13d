// `diagnose` finds each fault of a set-up, and signs nobody in.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import type { DiagnoseOptions, Finding } from '../../../pkg/inspector.js';
import { expect, test } from '../fixtures.js';
import { listen } from '../listen.js';
import type { Exchange, ScriptedServer } from '../server.js';
import { landsItself } from '../windows.js';

/** Each problem is in the table there. */
const docs = readFileSync(new URL('../../../docs/diagnose.md', import.meta.url), 'utf8');

type Findings = Readonly<Record<string, Finding>>;

async function diagnosed(page: Page, server: ScriptedServer, more: Partial<DiagnoseOptions> = {}): Promise<Findings> {
  const options: DiagnoseOptions = { clientId: 'app', issuer: server.issuer, redirectUri: '/cb', timeout: 3000, ...more };
  const findings = await page.evaluate(async (options) => {
    const path = '/pkg/inspector.js';
    const { diagnose } = (await import(path)) as typeof import('../../../pkg/inspector.js');
    return diagnose(options as DiagnoseOptions);
  }, options as object);
  for (const { id, level, title, advice } of findings) {
    expect(level === 'ok' || id.endsWith('-csp') || docs.includes(`\`${id}\``), id).toBe(true);
    expect(title).toMatch(/^\S.*\.$|: http/);
    expect(advice === undefined, title).toBe(level === 'ok');
  }
  const levels = findings.map(({ level }) => level);
  expect(levels).toEqual([...levels].sort((one, other) => ['error', 'warning', 'ok'].indexOf(one) - ['error', 'warning', 'ok'].indexOf(other)));
  return Object.fromEntries(findings.map((finding) => [finding.id, finding]));
}

/** The ids of what is not well. */
const problems = (findings: Findings) => Object.values(findings).filter(({ level }) => level !== 'ok').map(({ id, level }) => `${id} ${level}`).sort();

/** The page may not read this answer. */
const hidden = (answer: unknown, status = 200) => ({ response, json }: Exchange) => {
  response.removeHeader('access-control-allow-origin');
  json(answer, status);
};

const refuses = (error: string) => ({ json }: Exchange) => json({ error }, 400);

test.beforeEach(({ server, mayLog }) => {
  // What was sent is refused, and the browser says so.
  mayLog(/status of 40[01]/);
  Object.assign(server.metadata, { code_challenge_methods_supported: ['S256'], response_types_supported: ['code'], scopes_supported: ['openid', 'read:x'] });
  server.token = refuses('invalid_grant');
});

test('a sound set-up has nothing to change, and nobody is signed in', async ({ app, server }) => {
  await landsItself(app.page.context(), app);
  const findings = await diagnosed(app.page, server, { scope: 'openid read:x', verifySignature: true, par: true });
  expect(problems(findings)).toEqual([]);
  expect(Object.keys(findings).sort()).toEqual([
    'channel', 'client', 'framed', 'issuer', 'jwks-ok', 'locks', 'metadata-ok', 'opener-policy', 'pkce', 'pushed-ok', 'redirect-hand-over', 'redirect-uri', 'revocation-ok', 'scopes', 'secure-context',
    'storage', 'token-ok', 'userinfo-ok', 'wasm',
  ]);
  expect(server.asks).toEqual([]);
  expect(server.requests()).toHaveLength(1);
  expect(await app.records()).toEqual({});
  expect(await app.page.evaluate(() => document.querySelectorAll('iframe').length)).toBe(0);
});

test('metadata that is another’s, or none', async ({ app, server, mayLog }) => {
  mayLog(/404|CORS|ERR_CONNECTION_REFUSED|ERR_FAILED/);
  await landsItself(app.page.context(), app);
  const { issuer } = await diagnosed(app.page, server, { issuer: `${server.issuer}/` });
  expect(issuer).toMatchObject({ level: 'error', advice: expect.stringContaining(`issuer: '${server.issuer}'`) });
  expect(issuer!.advice).toContain('slash');
  for (const none of ['id.example.com', 'javascript:1']) expect(problems(await diagnosed(app.page, server, { issuer: none }))).toEqual(['issuer error']);

  const other = { metadata: server.metadata };
  server.discovery = ({ json }) => json({ ...other.metadata, issuer: 'https://other.example', token_endpoint: undefined, authorization_endpoint: 'http://id.example/authorize' });
  const another = await diagnosed(app.page, server);
  expect(another['issuer']).toMatchObject({ level: 'error', title: expect.stringContaining('https://other.example') });
  expect(another['insecure-endpoint']).toMatchObject({ level: 'error', title: expect.stringContaining('http://id.example/authorize') });
  expect(another['metadata-missing']).toMatchObject({ level: 'error', title: expect.stringContaining('token_endpoint') });
  // Where no endpoint is, none is asked.
  expect(Object.keys(another).filter((id) => id.startsWith('token-'))).toEqual([]);

  server.discovery = ({ send }) => send(200, 'text/html', '<!doctype html>');
  expect(problems(await diagnosed(app.page, server))).toEqual(['metadata-json error']);
  server.discovery = ({ send }) => send(404, undefined, '');
  expect(problems(await diagnosed(app.page, server))).toEqual(['metadata-status error']);
  server.discovery = hidden(server.metadata);
  const findings = await diagnosed(app.page, server);
  expect(problems(findings)).toEqual(['metadata-cors error']);
  expect(findings['metadata-cors']!.advice).toContain(`Access-Control-Allow-Origin: ${app.origin}`);
  const { origin, close } = await listen(() => {});
  await close();
  expect(problems(await diagnosed(app.page, server, { issuer: origin }))).toEqual(['metadata-unreachable error']);
});

test('the second place of the metadata will do', async ({ app, server, mayLog }) => {
  mayLog(/404/);
  await landsItself(app.page.context(), app);
  server.discovery = ({ path, json, send }) => (path.includes('oauth-authorization-server') ? json(server.metadata) : send(404, undefined, ''));
  const findings = await diagnosed(app.page, server);
  expect(problems(findings)).toEqual([]);
  expect(findings['metadata-ok']!.title).toContain('oauth-authorization-server');
});

test('endpoints that the page may not read, and those that are none', async ({ app, server, mayLog }) => {
  mayLog(/CORS|ERR_FAILED|40[014]/);
  await landsItself(app.page.context(), app);
  server.token = hidden({ error: 'invalid_grant' }, 400);
  server.userInfo = hidden({}, 401);
  server.revocation = hidden({});
  server.jwks = hidden({});
  server.push = hidden({});
  expect(problems(await diagnosed(app.page, server, { verifySignature: true, par: true }))).toEqual(['jwks-cors error', 'pushed-cors error', 'revocation-cors warning', 'token-cors error', 'userinfo-cors warning']);
  server.token = ({ send }) => send(404, 'text/html', 'not here');
  server.jwks = ({ send }) => send(404, undefined, '');
  Object.assign(server.metadata, { userinfo_endpoint: undefined, revocation_endpoint: undefined });
  expect(problems(await diagnosed(app.page, server, { verifySignature: true }))).toEqual(['jwks-status error', 'token-status error']);
  server.token = refuses('invalid_client');
  delete server.metadata['jwks_uri'];
  const findings = await diagnosed(app.page, server, { verifySignature: true });
  expect(problems(findings)).toEqual(['client error', 'metadata-missing error']);
  expect(findings['client']!.title).toContain('"app"');
});

test('what the metadata says of PKCE, scopes, the flow and DPoP', async ({ app, server, mayLog }) => {
  mayLog(/400/);
  await landsItself(app.page.context(), app);
  Object.assign(server.metadata, { code_challenge_methods_supported: ['plain'], response_types_supported: ['token'], dpop_signing_alg_values_supported: ['RS256'] });
  const findings = await diagnosed(app.page, server, { scope: ['openid', 'write:x'], apis: { '/api/': { scope: 'admin' } }, dpop: true });
  expect(problems(findings)).toEqual(['dpop error', 'pkce error', 'response-type error', 'scopes warning']);
  expect(findings['scopes']!.title).toContain('write:x, admin');
  for (const member of ['code_challenge_methods_supported', 'scopes_supported', 'dpop_signing_alg_values_supported', 'response_types_supported']) delete server.metadata[member];
  expect(problems(await diagnosed(app.page, server, { scope: 'whatever', dpop: true, metadata: server.metadata as never }))).toEqual(['dpop warning', 'pkce warning']);
});

test('the page at the redirect URI', async ({ app, server, page, mayLog }) => {
  mayLog(/400|404|503|frame/i);
  // It does not call handleCallback.
  expect(problems(await diagnosed(page, server))).toEqual(['redirect-hand-over warning']);
  expect(problems(await diagnosed(page, server, { redirectUri: 'https://other.example/cb' }))).toEqual(['redirect-uri error']);
  expect(problems(await diagnosed(page, server, { redirectUri: 'https://:' }))).toEqual(['redirect-uri error']);
  const served = async (status: number, headers: Record<string, string>) => {
    await page.unroute('**/cb');
    await page.route('**/cb', (route) => route.fulfill({ status, headers, body: '' }));
    return diagnosed(page, server);
  };
  expect(problems(await served(404, {}))).toEqual(['redirect-status error']);
  const denied = await served(200, { 'x-frame-options': 'DENY' });
  expect(denied['redirect-frame']).toMatchObject({ level: 'warning', title: expect.stringContaining('X-Frame-Options') });
  expect((await served(200, { 'content-security-policy': "default-src 'self'; frame-ancestors 'none'" }))['redirect-frame']!.title).toContain("frame-ancestors 'none'");
  expect(app.page.url()).toContain('/app/');
});

test('what the page itself may not do', async ({ app, server, page, mayLog, mayShow }) => {
  mayLog(/400|policy|sandbox|violat|Refused/i);
  mayShow(/./);
  await landsItself(page.context(), app);
  await app.goto('/strict/');
  expect(problems(await diagnosed(page, server))).toEqual(['wasm error']);
  await app.goto('/alone/');
  expect(problems(await diagnosed(page, server))).toEqual(['opener-policy warning']);

  await page.route('**/closed/', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': "connect-src 'self'" } });
  });
  await app.goto('/closed/');
  const closed = await diagnosed(page, server);
  expect(problems(closed)).toEqual(['metadata-csp error']);
  expect(closed['metadata-csp']!.advice).toContain(`Add ${server.issuer} to connect-src`);

  await app.goto('/app/');
  await page.evaluate(() => Object.defineProperty(window, 'sessionStorage', { get() { throw new DOMException('no', 'SecurityError'); } }));
  expect(problems(await diagnosed(page, server))).toEqual(['storage error']);
  expect(problems(await diagnosed(page, server, { storage: 'local' }))).toEqual([]);
});

test('in a frame, and without an issuer', async ({ app, server, page, mayLog }) => {
  mayLog(/400/);
  await landsItself(page.context(), app);
  const framed = await page.evaluate(async (options) => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.src = '/app/framed';
    await new Promise((resolve) => (frame.onload = resolve));
    const script = frame.contentDocument!.createElement('script');
    script.type = 'module';
    script.textContent = `import { diagnose } from '/pkg/inspector.js'; diagnose(${JSON.stringify(options)}).then((found) => parent.postMessage(found.find(({ id }) => id === 'framed'), '*'))`;
    const told = new Promise<Finding>((resolve) => addEventListener('message', ({ data }) => data?.id === 'framed' && resolve(data)));
    frame.contentDocument!.head.append(script);
    return told;
  }, { clientId: 'app', issuer: server.issuer, redirectUri: '/cb' });
  expect(framed).toMatchObject({ level: 'warning', advice: expect.stringContaining('popup') });
  await expect(diagnosed(page, server, { issuer: '' })).rejects.toThrow(/issuer/);
});
