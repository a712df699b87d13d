// Metadata: given or discovered, sound or not.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';

const TARGETS = ['javascript:alert(1)', 'data:text/html,x', 'blob:https://id.example/1', 'ftp://id.example/', 'http://id.example/authorize', 'https://', '/authorize', 'http://127.0.0.1.evil.example/'];

test('C100 metadata of another issuer is refused, and not kept', async ({ app, server }) => {
  server.discovery = ({ json }) => json({ ...server.metadata, issuer: `${server.issuer}/` });
  await app.open({ metadata: undefined, issuer: server.issuer });
  expectFailure(await app.call('prepare'), 'metadata_invalid');
  expectFailure(await app.call('signIn'), 'metadata_invalid');
  expectFailure(await app.call('authorizeUrl'), 'metadata_required');
  server.discovery = ({ json }) => json(server.metadata);
  expect(await app.call('prepare')).toEqual({});
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
});

test('C101 no request goes to a URL that is none of the web', async ({ app, server }) => {
  for (const [index, endpoint] of TARGETS.entries()) {
    const metadata = { ...server.metadata, authorization_endpoint: endpoint };
    expectFailure(await app.tryOpen({ metadata: metadata as never }), 'metadata_invalid');
    server.discovery = ({ json }) => json(metadata);
    const discovering = await app.as(`discovering-${index}`).open({ metadata: undefined, issuer: server.issuer });
    expectFailure(await discovering.call('signIn'), 'metadata_invalid');
  }
  expect(app.page.url()).toBe(`${app.origin}/app/`);
  expect(await app.records()).toEqual({});
});

test('C102 plain http is for this machine only', async ({ app, server }) => {
  for (const name of ['token_endpoint', 'authorization_endpoint', 'revocation_endpoint', 'end_session_endpoint']) {
    const metadata = { ...server.metadata, [name]: 'http://id.example/endpoint' };
    expectFailure(await app.tryOpen({ metadata: metadata as never }), 'metadata_invalid');
  }
  expectFailure(await app.tryOpen({ metadata: undefined, issuer: 'http://id.example' }), 'invalid_options');
  for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
    await app.open({ metadata: { ...server.metadata, token_endpoint: `http://${host}:9/token` } as never });
  }
});

test('metadata that is no sound document, or cannot be had', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource/);
  await app.open({ metadata: undefined, issuer: server.issuer, timeout: 2000 });
  server.discovery = ({ send }) => send(200, 'text/html', '<title>Hello</title>');
  expectFailure(await app.call('prepare'), 'metadata_invalid');
  server.discovery = ({ json }) => json({ issuer: server.issuer });
  expectFailure(await app.call('prepare'), 'metadata_invalid');
  server.discovery = ({ json }) => json({ ...server.metadata, token_endpoint: 7 });
  expectFailure(await app.call('prepare'), 'metadata_invalid');
  server.discovery = ({ send }) => send(500, undefined, '');
  expectFailure(await app.call('prepare'), 'http', { status: 500, retryable: true });
  server.discovery = ({ response }) => void response.destroy();
  expectFailure(await app.call('prepare'), 'network', { retryable: true });
  server.discovery = () => {};
  expectFailure(await app.call('prepare'), 'timeout', { retryable: true });
  server.discovery = ({ path, json, send }) => (path.endsWith('openid-configuration') ? send(404, undefined, '') : json(server.metadata));
  expect(await app.call('prepare')).toEqual({});
  expect(server.received.at(-1)!.path).toBe('/.well-known/oauth-authorization-server');
});

test('given metadata: one request after the redirect; discovered: two', async ({ app, server }) => {
  await app.open();
  await app.leave();
  expect(server.received).toEqual([]);
  await app.open();
  await app.call('handleCallback');
  expect(server.received.map(({ path }) => path)).toEqual(['/token']);

  const discovering = { metadata: undefined, issuer: server.issuer, clientId: 'app2' };
  await app.open(discovering);
  await app.leave();
  server.received.length = 0;
  await app.open(discovering);
  await app.call('handleCallback');
  expect(server.received.map(({ path }) => path)).toEqual(['/.well-known/openid-configuration', '/token']);
});

test('authorizeUrl answers at once, and says so where it cannot', async ({ app, server }) => {
  await app.open({ metadata: undefined, issuer: server.issuer });
  expectFailure(await app.call('authorizeUrl'), 'metadata_required');
  expect(server.received).toEqual([]);
  expect(await app.call('prepare')).toEqual({});
  const request = await app.page.evaluate(() => {
    const { url, state } = kit.clients['main'].authorizeUrl({ scope: ['openid', 'email'], loginHint: 'ada', params: { connection: 'github' } });
    return { url: typeof url, query: Object.fromEntries(new URL(url).searchParams), state };
  });
  expect(request.url).toBe('string');
  expect(request.query).toMatchObject({ response_type: 'code', client_id: 'app', scope: 'openid email', login_hint: 'ada', connection: 'github', state: request.state });
  expect(app.page.url()).toBe(`${app.origin}/app/`);
});
