// Leaving the page, and what comes back.
import { fails, holds, is, same, type Behaviours } from './world.js';

export const callback: Behaviours = {
  async 'brings the outcome of a sign-in'(world) {
    const { client, answer } = await world.start({ granted: null, scope: 'openid read:x' });
    same(await client.handleCallback(), null);
    await client.prepare();
    const { url, state } = client.authorizeUrl({ appState: { page: 7 }, returnTo: '/inbox', loginHint: 'ada' });
    const asked = new URL(url).searchParams;
    same([asked.get('state'), asked.get('scope'), asked.get('login_hint'), asked.get('response_type')], [state, 'openid read:x', 'ada', 'code']);
    const back = await answer(url);
    const outcome = await client.handleCallback(back);
    holds(outcome!, { kind: 'sign-in', outcome: 'granted', appState: { page: 7 }, returnTo: '/inbox', granted: ['openid', 'read:x'] });
    same(await client.handleCallback(back), outcome);
    await client.signOut({ local: true });
    await fails(world, 'callback_consumed', () => client.handleCallback(back));
  },

  async 'is handled twice at once: one outcome'(world) {
    const { client, answer } = await world.start({ granted: null });
    const back = await answer(client.authorizeUrl().url);
    const [one, other] = await Promise.all([client.handleCallback(back), client.handleCallback(back)]);
    same(one, other);
    same(one?.outcome, 'granted');
  },

  async 'in a fragment'(world) {
    const { client, answer } = await world.start({ granted: null });
    const back = await answer(client.authorizeUrl({ responseMode: 'fragment' }).url);
    is(back.includes('#') && !back.includes('?'), back);
    same((await client.handleCallback(back))?.outcome, 'granted');
  },

  async 'in the address bar is taken out of it at once'(world) {
    const { client, answer } = await world.start({ granted: null });
    // Node has no address bar.
    if (typeof history === 'undefined') return;
    const before = location.href;
    history.replaceState({ own: 1 }, '', `${await answer(client.authorizeUrl({ returnTo: '/a' }).url)}&own=1#own`);
    const [first, second] = [client.handleCallback(), client.handleCallback()];
    same(location.pathname + location.search + location.hash, '/cb?own=1#own');
    same((await first)?.returnTo, '/a');
    same(await second, await first);
    same(await client.handleCallback(), null);
    history.replaceState(null, '', before);
  },

  async 'brings a no'(world) {
    const { client, answer } = await world.start({ granted: null });
    const { url } = client.authorizeUrl({ returnTo: '/a', appState: 5 });
    await fails(world, 'access_denied', async () => client.handleCallback(await answer(url, 'deny')), { returnTo: '/a', appState: 5 });
    const { url: again } = client.authorizeUrl();
    await fails(world, 'server_error', async () => client.handleCallback(await answer(again, { error: 'server_error' })), { retryable: true });
  },

  async 'of somebody else, and URLs that are none'(world) {
    const { client, answer } = await world.start({ granted: null });
    for (const own of ['/cb?code=1', '/cb?state=1', '/elsewhere?code=1&state=2', '/']) same(await client.handleCallback(own), null);
    const { url, state } = client.authorizeUrl();
    const back = await answer(url);
    await fails(world, 'transaction_missing', () => client.handleCallback(back.replace(state, 'somebody-elses')));
    await fails(world, 'state_missing', () => client.handleCallback(back.replace(/state=[^&]*/, '')));
    await fails(world, 'invalid_options', () => client.handleCallback(7 as never));
    same((await client.handleCallback(back))?.outcome, 'granted');
  },

  async 'that comes after a sign-out is for nobody'(world) {
    const { client, answer } = await world.start();
    const back = await answer(client.authorizeUrl().url);
    await client.signOut({ local: true });
    await fails(world, 'transaction_missing', () => client.handleCallback(back));
    same(client.session.signedIn, false);
  },

  async 'is too late after an hour'(world) {
    const { client, answer, tick } = await world.start({ granted: null });
    const { url } = client.authorizeUrl({ returnTo: '/a' });
    const back = await answer(url);
    await tick(3700);
    await fails(world, 'transaction_expired', () => client.handleCallback(back));
  },
};
