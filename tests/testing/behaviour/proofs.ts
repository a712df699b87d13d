// Tokens that are bound to a key (RFC 9449).
import { fails, holds, is, response, same, type Behaviours } from './world.js';

const API = 'https://api.test/v1';

type Claims = Readonly<Record<string, unknown>>;

/** Header and claims of a proof. */
function read(proof: string | undefined): Claims[] {
  const parts = (proof ?? '').split('.');
  same(parts.length, 3, 'the parts of a proof');
  return parts.slice(0, 2).map((part) => JSON.parse(atob(part.replace(/-/g, '+').replace(/_/g, '/'))) as Claims);
}

export const proofs: Behaviours = {
  async 'go with every call of an API, and with its nonce'(world) {
    const seen: Readonly<Record<string, string>>[] = [];
    const respond = ({ headers }: { headers: Readonly<Record<string, string>> }) => {
      seen.push(headers);
      return seen.length === 1 ? response('no', 401, 'DPoP error="use_dpop_nonce"', 'one') : response('fine');
    };
    const { client } = await world.start({ dpop: true, apis: { [API]: {} }, respond });
    same((await client.fetch(`${API}/things?a=1#b`, { method: 'put', body: 'x' })).status, 200);
    const token = await client.getAccessToken();
    same(seen.map(({ authorization }) => authorization), [`DPoP ${token}`, `DPoP ${token}`]);
    const [[header, first], [, second]] = seen.map(({ dpop }) => read(dpop)) as [Claims[], Claims[]];
    same([header!['typ'], header!['alg'], (header!['jwk'] as Claims)['kty']], ['dpop+jwt', 'ES256', 'EC']);
    holds(first!, { htm: 'PUT', htu: `${API}/things`, nonce: undefined });
    holds(second!, { htm: 'PUT', htu: `${API}/things`, nonce: 'one' });
    is(typeof first!['jti'] === 'string' && first!['jti'] !== second!['jti'], 'each is for one request');
    is(Math.abs(Number(first!['iat']) - Date.now() / 1000) < 300, 'it is of now');
    const challenge = 'DPoP error="insufficient_scope", scope="write:x"';
    const { client: other } = await world.start({ dpop: true, apis: { [API]: {} }, respond: () => response('no', 403, challenge) });
    await fails(world, 'insufficient_scope', () => other.fetch(API), { missing: ['write:x'] });
  },

  async 'are there for requests that the application sends by itself'(world) {
    const { client } = await world.start({ dpop: true, apis: { [API]: {} }, respond: () => response('fine') });
    const claims = async (...args: Parameters<NonNullable<typeof client.dpopProof>>) => read(await client.dpopProof!(...args))[1]!;
    holds(await claims(`${API}/things?a=1`), { htm: 'GET', htu: `${API}/things`, nonce: undefined });
    holds(await claims(new URL(API), 'patch', { nonce: 'two', accessToken: await client.getAccessToken() }), { htm: 'patch', htu: API, nonce: 'two' });
    holds(await claims(API, 'post'), { htm: 'POST', nonce: 'two' });
    await fails(world, 'untrusted_origin', () => client.dpopProof!('https://other.test/'));
    await fails(world, 'invalid_options', () => client.dpopProof!('https://:'));
    await fails(world, 'invalid_options', () => client.dpopProof!(API, 'GET', { token: 'x' } as object));
    await fails(world, 'invalid_options', () => client.dpopProof!(API, 7 as never));
    await fails(world, 'invalid_options', () => client.dpopProof!(API, 'GET', { accessToken: 'of somebody else' }));
    await fails(world, 'not_signed_in', async () => (await world.start({ granted: null, dpop: true })).client.dpopProof!('/own'));
  },

  async 'are none for tokens without a key'(world) {
    const { client } = await world.start({ apis: { [API]: {} }, respond: ({ headers }) => response(headers['dpop'] ?? 'none') });
    await fails(world, 'invalid_options', () => client.dpopProof!(API));
    same(await (await client.fetch(API)).text(), 'none');
  },
};
