// Access tokens.
import { fails, holds, is, same, type Behaviours } from './world.js';

export const tokens: Behaviours = {
  async 'are there for what is granted'(world) {
    const { client } = await world.start({ granted: 'openid read:x' });
    const token = await client.getAccessToken();
    is(typeof token === 'string' && token.length > 5, 'a token');
    same(await client.getAccessToken({ scope: 'read:x', minValidity: 0.5 }), token);
    await fails(world, 'missing_scope', () => client.getAccessToken({ scope: ['read:x', 'write:x', 'other'] }), { missing: ['write:x', 'other'], retryable: false });
    await fails(world, 'invalid_options', () => client.getAccessToken({ scopes: 'read:x' } as object));
    await client.upgrade('write:x', { mode: 'popup' });
    is(await client.getAccessToken({ scope: 'write:x' }) !== token, 'an upgrade brings another');
    await fails(world, 'not_signed_in', async () => (await world.start({ granted: null })).client.getAccessToken());
  },

  async 'last as long as the server says, and no longer'(world) {
    const { client, tick } = await world.start({ granted: 'openid read:x', expiresIn: 600 });
    const token = await client.getAccessToken();
    await tick(500);
    same(await client.getAccessToken({ minValidity: 60 }), token);
    same(await client.getAccessToken({ forceRefresh: true }), token);
    await fails(world, 'login_required', () => client.getAccessToken({ minValidity: 200 }));
    await tick(85);
    await fails(world, 'login_required', () => client.getAccessToken());
    same(await client.getAccessToken({ minValidity: 0 }), token);
    await tick(20);
    await fails(world, 'login_required', () => client.getAccessToken({ minValidity: 0 }));
  },

  async 'are renewed with offline_access'(world) {
    const { client, tick } = await world.start({ granted: 'openid offline_access read:x', expiresIn: 600 });
    const token = await client.getAccessToken();
    const before = client.session;
    await tick(605);
    is(client.hasScope('read:x') && !client.session.expired, 'the grant can be renewed');
    const [one, other] = await Promise.all([client.getAccessToken(), client.getAccessToken()]);
    is(one === other && one !== token, 'one other token for both');
    is(client.session !== before && client.session.expiresAt! >= before.expiresAt! + 600, 'it lasts longer');
    holds(client.session, { granted: before.granted, requested: before.requested });
    await tick(10);
    const forced = await client.getAccessToken({ forceRefresh: true });
    is(forced !== one, 'forced');
    same(await client.getAccessToken(), forced);
  },
};
