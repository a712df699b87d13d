// Authorization responses and userinfo answers that are JWTs with real signatures.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import type { ScriptedServer } from '../server.js';
import { signerOf, token } from '../signers.js';
import { closed, expectNothingLeft, watched } from '../windows.js';

const es256 = signerOf('ES256');
const rs256 = signerOf('RS256');

/** The server signs, and publishes its keys. */
function signs(server: ScriptedServer, one = es256): void {
  server.jwks = ({ json }) => json({ keys: [es256.jwk, rs256.jwk] });
  server.sign = (claims) => token(one, claims);
}

const mangled = (claims: object) => token(es256, claims, (signature) => signature.fill(signature[9]! ^ 1, 9, 10));
const SIGNED = { responseMode: 'query.jwt' } as object;

for (const one of [es256, rs256]) {
  test(`by redirect, signed with ${one.alg}, and the address bar is clean at once`, async ({ app, server }) => {
    signs(server, one);
    await app.open();
    const url = await app.leave({ ...SIGNED, appState: { page: 7 } });
    expect([...new URL(url).searchParams.keys()]).toEqual(['response']);
    expect(new URL(server.asks[0]!).searchParams.get('response_mode')).toBe('query.jwt');
    await app.open();
    const [address, handled] = await app.page.evaluate(async () => {
      const handling = kit.call('main', 'handleCallback');
      return [location.href, await handling] as const;
    });
    expect(address).toBe(`${app.origin}/cb`);
    expect(handled.value).toMatchObject({ outcome: 'granted', appState: { page: 7 } });
    // C005: the same response again comes to the same.
    expect((await app.handle(url)).value).toEqual(handled.value);
    expect(server.requests().length).toBe(1);
    expect(server.received.map(({ path }) => path)).toEqual(['/jwks', '/token']);
  });
}

test('C006 C008 the same response handled by two clients at once is one exchange', async ({ app, server }) => {
  signs(server);
  await app.open();
  const other = await app.as('other').open();
  const url = server.approve((await app.start(SIGNED)).url);
  const answers = await Promise.all([app.handle(url), other.handle(url), app.handle(url)]);
  for (const { value } of answers) expect(value).toMatchObject({ outcome: 'granted' });
  expect(server.requests()).toHaveLength(1);
});

test('by popup, and a no keeps the session', async ({ app, server }) => {
  signs(server);
  await watched(app);
  await app.open();
  const opened = app.page.waitForEvent('popup');
  const answer = app.call('signIn', { mode: 'popup', ...SIGNED });
  const popup = await opened;
  expect((await answer).value).toMatchObject({ kind: 'sign-in', outcome: 'granted' });
  await closed(popup);
  const before = (await app.sessionRecord())!.grants;
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  expect((await app.call('upgrade', 'write:x', { mode: 'popup', ...SIGNED })).value).toMatchObject({ kind: 'upgrade', outcome: 'denied', missing: ['write:x'] });
  expect((await app.sessionRecord())!.grants).toEqual(before);
  await expectNothingLeft(app);
});

test('by silent frame', async ({ app, server }) => {
  signs(server);
  await watched(app);
  await app.open();
  expect((await app.call('signIn', { mode: 'silent', ...SIGNED })).value).toMatchObject({ outcome: 'granted' });
  server.sign = mangled;
  expectFailure(await app.call('signIn', { mode: 'silent', ...SIGNED }), 'response_malformed', { reason: 'signature' });
  await expectNothingLeft(app);
});

test('C106 C109 what is not signed, or not so, sends no code', async ({ app, server }) => {
  signs(server);
  await app.open();
  const none = { ...es256, alg: 'none' };
  for (const [sign, reason] of [[mangled, 'signature'], [(claims: object) => token(none, claims), 'alg'], [(claims: object) => token({ ...es256, alg: 'RS256' }, claims), 'signature']] as const) {
    server.sign = sign;
    expectFailure(await app.handle(server.approve((await app.start(SIGNED)).url)), 'response_malformed', { reason });
  }
  signs(server);
  for (const [claims, code] of [[{ iss: 'https://evil.example' }, 'issuer_mismatch'], [{ aud: 'other' }, 'response_malformed'], [{ exp: '1' }, 'response_malformed']] as const) {
    expectFailure(await app.handle(server.approve((await app.start(SIGNED)).url, claims)), code);
  }
  expect(server.requests()).toEqual([]);
});

test('a plain response in place of a JWT is refused, and a JWT that nobody asked for', async ({ app, server }) => {
  signs(server);
  await app.open();
  const { url: signed } = await app.start(SIGNED);
  const plain = signed.replace('response_mode=query.jwt', 'response_mode=query');
  expect(plain).not.toBe(signed);
  expectFailure(await app.handle(server.approve(plain)), 'response_malformed', { reason: 'response_mode' });
  const { url } = await app.start();
  expectFailure(await app.handle(server.approve(`${url}&response_mode=query.jwt`)), 'response_malformed', { reason: 'response_mode' });
  expect(server.requests()).toEqual([]);
  // What belongs to no request of this client stays where it is.
  const own = `/cb?response=${token(es256, { state: 'a survey' })}`;
  await app.page.evaluate((own) => history.replaceState(null, '', own), own);
  expect((await app.call('handleCallback')).value).toBeNull();
  expect(app.page.url()).toBe(`${app.origin}${own}`);
});

test('a server that does not sign its responses is not asked', async ({ app, server }) => {
  server.metadata.response_modes_supported = ['query', 'fragment'];
  await app.open();
  expectFailure(await app.call('authorizeUrl', SIGNED), 'metadata_invalid');
  expectFailure(await app.call('signIn', SIGNED), 'metadata_invalid');
  expect(app.page.url()).toBe(`${app.origin}/app/`);
});

test('a userinfo answer that is a JWT', async ({ app, server }) => {
  signs(server);
  await app.open({ verifySignature: true });
  await app.signIn();
  const email = 'ada@id.example';
  server.userInfo = ({ send }) => send(200, 'application/jwt', token(rs256, { iss: server.issuer, aud: 'app', sub: 'ada', email }));
  expect((await app.call('userInfo')).value).toEqual({ iss: server.issuer, aud: 'app', sub: 'ada', email });
  server.userInfo = ({ send }) => send(200, 'application/jwt; charset=utf-8', token(es256, { sub: 'grace' }));
  expectFailure(await app.call('userInfo'), 'subject_mismatch');
  server.userInfo = ({ send }) => send(200, 'application/jwt', mangled({ sub: 'ada' }));
  expectFailure(await app.call('userInfo'), 'user_info_invalid', { reason: 'signature' });
  server.userInfo = ({ send }) => send(200, 'application/jwt', token(es256, { sub: 'ada', aud: 'other' }));
  expectFailure(await app.call('userInfo'), 'user_info_invalid', { reason: 'aud' });
  const unchecked = await app.as('unchecked').open();
  const { error } = await unchecked.call('userInfo');
  expect(error).toMatchObject({ code: 'user_info_invalid', message: expect.stringContaining('verifySignature') });
});

test('what is granted besides scopes is inert data of the outcome', async ({ app, server }) => {
  await app.open();
  const details = '[{"type":"calendar","__proto__":{"isAdmin":true},"constructor":"x","actions":["read"]}]';
  server.answer = { authorization_details: JSON.parse(details) };
  const { url } = await app.start({ authorizationDetails: [{ type: 'calendar' }] });
  expect(new URL(url).searchParams.get('authorization_details')).toBe('[{"type":"calendar"}]');
  const callback = server.approve(url);
  const outcome = (await app.handle(callback)).value!;
  expect(outcome.authorizationDetails).toEqual([{ type: 'calendar', constructor: 'x', actions: ['read'] }]);
  expect(await app.page.evaluate(async (url) => {
    const { authorizationDetails } = (await kit.clients['main'].handleCallback(url))!;
    const [one] = authorizationDetails as any[];
    return [Object.isFrozen(authorizationDetails), Object.isFrozen(one), one.isAdmin, Object.keys(one)];
  }, callback)).toEqual([true, true, undefined, ['type', 'constructor', 'actions']]);
  server.answer = {};
  expect(await app.signIn()).not.toHaveProperty('authorizationDetails');
  server.answer = { authorization_details: {} };
  expectFailure(await app.handle(server.approve((await app.start()).url)), 'token_response_invalid');
});

test('C145 claims are inert data, and no more of them than 1 MiB', async ({ app, server, mayLog }) => {
  server.claims = JSON.parse('{"name":"<img src=x onerror=alert(1)>","__proto__":{"isAdmin":true}}') as object as Record<string, unknown>;
  await app.open();
  await app.signIn();
  const answer = '{"sub":"ada","__proto__":{"isAdmin":true},"name":"<b>Ada</b>"}';
  server.userInfo = ({ send }) => send(200, 'application/json', answer);
  expect(await app.page.evaluate(async () => {
    const client = kit.clients['main'];
    const all = [client.session.claims, await client.userInfo()] as any[];
    return all.map((claims) => [claims.name, claims.isAdmin, Object.hasOwn(claims, '__proto__'), Object.isFrozen(claims)]);
  })).toEqual([['<img src=x onerror=alert(1)>', undefined, false, true], ['<b>Ada</b>', undefined, false, true]]);
  mayLog(/Failed to load resource/);
  server.userInfo = ({ json }) => json({ sub: 'ada', picture: `data:image/png;base64,${'A'.repeat(5_000_000)}` });
  expectFailure(await app.call('userInfo'), 'user_info_invalid');
});
