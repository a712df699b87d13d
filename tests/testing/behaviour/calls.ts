// Calls of APIs.
import { fails, holds, is, response as text, same, settled, type Behaviours } from './world.js';

const API = 'https://api.test/v1';

export const calls: Behaviours = {
  async 'have the token of those who may have it'(world) {
    const seen: string[] = [];
    const respond = ({ url, method, headers }: { url: string; method: string; headers: Readonly<Record<string, string>> }) => {
      seen.push(`${method} ${url} ${headers['authorization']} ${headers['x-own']}`);
      return text('fine', 201);
    };
    const { client } = await world.start({ apis: { [API]: { scope: 'read:x' } }, respond });
    const token = await client.getAccessToken();
    const response = await client.fetch(`${API}/things?a=1`, { method: 'POST', headers: { 'X-Own': 'yes' }, body: 'x' });
    same([response.status, await response.text()], [201, 'fine']);
    same(seen, [`POST ${API}/things?a=1 Bearer ${token} yes`]);
    for (const url of ['https://api.test/v2', 'https://api.test/v1x', 'https://evil.test/v1']) await fails(world, 'untrusted_origin', () => client.fetch(url));
    await fails(world, 'invalid_options', () => client.fetch('https://:'));
    // A Request is no options: of its method and body nothing would be sent.
    if (typeof Request !== 'undefined') await fails(world, 'invalid_options', () => client.fetch(API, new Request(API, { method: 'DELETE' })));
    same(seen.length, 1);
    await client.fetch(`${globalThis.location?.origin ?? 'http://localhost'}/own?x=1`);
    is(/^GET http:\/\/[^/]+\/own\?x=1 Bearer /.test(seen[1]!), 'the own origin has it too');
  },

  async 'are read as a Request of the platform reads them'(world) {
    const seen: string[] = [];
    const respond = ({ method, headers }: { method: string; headers: Readonly<Record<string, string>> }) => {
      seen.push(`${method} ${headers['x-one']} ${headers['x-two']}`);
      return text('fine');
    };
    const { client, isMock } = await world.start({ apis: { [API]: {} }, respond });
    // Headers of a call replace those of its Request, all of them.
    // Jest's jsdom has none.
    if (typeof Request !== 'undefined') {
      const request = () => new Request(API, { headers: { 'x-one': '1' } });
      await client.fetch(request());
      await client.fetch(request(), { headers: { 'x-two': '2' } });
      same(seen.splice(0), ['GET 1 undefined', 'GET undefined 2']);
    }
    await client.fetch(API, { method: 'post', body: 'x' });
    await client.fetch(API, { method: 'patch', body: 'x' });
    // The platform spells some methods in capitals, and this one as it is given; happy-dom all.
    same(seen.splice(0), ['POST undefined undefined', `${isMock ? 'patch' : new Request(API, { method: 'patch' }).method} undefined undefined`]);
    await fails(world, 'invalid_options', () => client.fetch(API, { body: 'x' }));
    await fails(world, 'invalid_options', () => client.fetch(API, { method: 'head', body: 'x' }));
    same(seen, []);
  },

  async 'are for URLs, those of apiScopes too'(world) {
    const { client } = await world.start({ apis: { [API]: {} } });
    await fails(world, 'invalid_options', () => client.apiScopes('https://:'));
    await fails(world, 'invalid_options', () => client.fetch('https://:'));
  },

  async 'for another audience without scopes miss openid'(world) {
    const { client } = await world.start({ apis: { [API]: { audience: 'other' } }, respond: () => text('fine') });
    await fails(world, 'missing_scope', () => client.fetch(API), { missing: ['openid'] });
    await fails(world, 'missing_scope', () => client.getAccessToken({ audience: 'other' }), { missing: ['openid'] });
    same(await (await client.fetch(API, { onMissing: 'popup' })).text(), 'fine');
    same(client.hasScope('openid', { audience: 'other' }), true);
  },

  async 'for another audience can do without a scope'(world) {
    for (const granted of ['read:x', 'openid read:x']) {
      const { client, says } = await world.start({ granted, apis: { [API]: { audience: 'other' } }, respond: () => text('fine') });
      says('deny');
      await fails(world, 'missing_scope', () => client.fetch(API, { onMissing: 'popup' }));
      says('grant');
      holds(await client.upgrade([], { mode: 'popup', audience: 'other' }), { outcome: 'granted', missing: [] });
      same((await client.fetch(API)).status, 200);
      await fails(world, 'invalid_scope_syntax', () => client.upgrade([], { mode: 'popup', audience: 'other' }));
    }
    const { client } = await world.start({ granted: 'read:x', apis: { [API]: { audience: 'other' } }, respond: () => text('fine') });
    const calls = await Promise.all([1, 2].map(() => client.fetch(API, { onMissing: 'popup' })));
    same(calls.map((response) => response.status), [200, 200]);
  },

  async 'miss scopes: an error before anything is sent, or an upgrade'(world) {
    let sent = 0;
    const { client, says } = await world.start({ apis: { [API]: {} }, respond: () => text(String(sent += 1)) });
    await fails(world, 'missing_scope', () => client.fetch(API, { scope: 'write:x' }), { missing: ['write:x'] });
    same(sent, 0);
    same(await (await client.fetch(API, { scope: 'write:x', onMissing: 'popup' })).text(), '1');
    same(client.session.granted, ['openid', 'read:x', 'write:x']);
    says('deny');
    await fails(world, 'missing_scope', () => client.fetch(API, { scope: 'pay', onMissing: 'popup' }), { missing: ['pay'] });
    says('grant');
    // A no is remembered.
    await fails(world, 'missing_scope', () => client.fetch(API, { scope: 'pay', onMissing: 'popup' }));
    same(client.scopeStatus('pay'), 'denied');
    same((await client.upgrade('pay', { mode: 'popup' })).outcome, 'granted');
    same((await client.fetch(API, { scope: 'pay' })).status, 200);
    same(sent, 2);
  },

  async 'share one upgrade'(world) {
    const subject = await world.start({ apis: { [API]: {} }, respond: () => text('fine') });
    const { client } = subject;
    let told = 0;
    client.subscribe(() => (told += 1));
    const responses = await Promise.all([1, 2, 3].map(() => client.fetch(API, { scope: 'write:x', onMissing: 'popup' })));
    same(responses.map(({ status }) => status), [200, 200, 200]);
    await settled(subject, () => told === 1);
  },

  async 'that the API refuses for want of scopes'(world) {
    const challenge = 'Bearer error="insufficient_scope", scope="write:x"';
    let sent = 0;
    const respond = ({ headers }: { headers: Readonly<Record<string, string>> }) => ((sent += 1) && headers['x-always'] !== 'no' && sent > 2 ? text('fine') : text('no', 403, challenge));
    const { client } = await world.start({ apis: { [API]: { challengeScope: 'write:x' } }, respond });
    await fails(world, 'insufficient_scope', () => client.fetch(API), { status: 403, missing: ['write:x'] });
    same((await client.fetch(API, { onMissing: 'popup' })).status, 200);
    is(client.hasScope('write:x'), 'it was asked for');
    same(sent, 3);
    await fails(world, 'upgrade_loop', () => client.fetch(API, { headers: { 'x-always': 'no' }, onMissing: 'popup' }));
  },

  async 'that are refused whatever is granted come back as they are, or are a loop'(world) {
    const { client } = await world.start({
      apis: { [API]: {} },
      respond: ({ url }) => (url.endsWith('/loop') ? text('no', 403, 'Bearer error="insufficient_scope", scope="more"') : text('forbidden', 403, 'Basic realm="x"')),
    });
    same(await (await client.fetch(`${API}/plain`)).text(), 'forbidden');
    await fails(world, 'upgrade_loop', () => client.fetch(`${API}/loop`, { onMissing: 'popup' }));
  },

  async 'that want a stronger sign-in'(world) {
    let isStronger = false;
    const challenge = 'Bearer error="insufficient_user_authentication", acr_values="urn:mfa", max_age="300"';
    const { client, says } = await world.start({ apis: { [API]: {} }, respond: () => (isStronger ? text('fine') : text('no', 401, challenge)) });
    await fails(world, 'insufficient_user_authentication', () => client.fetch(API), { status: 401, acrValues: 'urn:mfa', maxAge: 300 });
    says('deny');
    await fails(world, 'insufficient_user_authentication', () => client.fetch(API, { onMissing: 'popup' }));
    says('grant');
    isStronger = false;
    const late = client.fetch(API, { onMissing: 'popup' });
    isStronger = false;
    await fails(world, 'upgrade_loop', () => late);
  },

  async 'whose token the API does not take are sent once more with another'(world) {
    let taken = '';
    const respond = ({ headers }: { headers: Readonly<Record<string, string>> }) => {
      const isNew = taken !== '' && headers['authorization'] !== taken;
      taken ||= headers['authorization']!;
      return isNew ? text('fine') : text('no', 401, 'Bearer error="invalid_token"');
    };
    const { client } = await world.start({ granted: 'openid offline_access', apis: { [API]: {} }, respond });
    same((await client.fetch(API)).status, 200);
    const { client: other } = await world.start({ granted: 'openid', apis: { [API]: {} }, respond: () => text('no', 401, 'Bearer error="invalid_token"') });
    same((await other.fetch(API)).status, 401);
  },

  async 'that fail, or are given up'(world) {
    const { client } = await world.start({ apis: { [API]: {} }, respond: () => { throw new TypeError('offline'); } });
    const error = await fails(world, 'network', () => client.fetch(API), { retryable: true });
    is(error.cause instanceof TypeError, 'with its cause');
    await fails(world, 'network', () => client.fetch(API, { method: 'POST' }), { retryable: false });
    const reason = { own: 'reason' };
    const given = await client.fetch(API, { signal: AbortSignal.abort(reason) }).catch((thrown: unknown) => thrown);
    is(given === reason, 'the reason is the caller’s own');
  },

  async 'that are given up while the API says nothing'(world) {
    // The application's own fetch need not know of signals.
    const { client } = await world.start({ apis: { [API]: {} }, respond: () => new Promise<never>(() => {}) as never });
    const controller = new AbortController();
    const reason = { own: 'reason' };
    const given = client.fetch(API, { signal: controller.signal }).catch((thrown: unknown) => thrown);
    for (let turn = 0; turn < 20; turn += 1) await null;
    controller.abort(reason);
    is(await given === reason, 'the reason is the caller’s own');
  },
};
