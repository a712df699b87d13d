// The session, its snapshots, and who is told.
import { fails, holds, is, same, settled, type Behaviours } from './world.js';

export const session: Behaviours = {
  async 'says who is signed in, and what was granted'(world) {
    const { client } = await world.start({ granted: 'openid read:x', requested: 'openid read:x write:x' });
    const { session } = client;
    holds(session, { signedIn: true, requested: ['openid', 'read:x', 'write:x'], granted: ['openid', 'read:x'], denied: ['write:x'], expired: false, persisted: true });
    same(session.claims?.sub, 'ada');
    same(session.claims?.['name'], 'Ada');
    is(Number.isInteger(session.expiresAt) && session.expiresAt! > Date.now() / 1000 + 3500, 'it lasts an hour');
    same(Object.keys(session), ['signedIn', 'claims', 'requested', 'granted', 'denied', 'expiresAt', 'expired', 'persisted']);
  },

  async 'is empty where nobody is signed in'(world) {
    const { client } = await world.start({ granted: null });
    same(client.session, { signedIn: false, claims: null, requested: [], granted: [], denied: [], expiresAt: null, expired: false, persisted: true });
    same(client.idToken(), null);
  },

  async 'is a frozen snapshot, and the same object until something changes'(world) {
    const { client } = await world.start();
    const before = client.session;
    is(Object.isFrozen(before) && Object.isFrozen(before.granted) && Object.isFrozen(before.claims), 'it is frozen');
    client.hasScope('read:x');
    await client.getAccessToken();
    is(client.session === before, 'reading changes nothing');
    await client.upgrade('write:x', { mode: 'popup' });
    is(client.session !== before, 'an upgrade does');
    same(before.granted, ['openid', 'read:x']);
    is(before.has('read:x') && !before.has('write:x') && client.session.has('write:x'), 'each snapshot answers for itself');
    same(client.session.missing(['other', 'write:x']), ['other']);
  },

  async 'keeps the objects in it that a change leaves as they were'(world) {
    const { client, tick } = await world.start({ granted: 'openid read:x offline_access' });
    const before = client.session;
    await tick(2);
    await client.getAccessToken({ forceRefresh: true });
    is(client.session.expiresAt! > before.expiresAt!, 'the token is another one');
    for (const name of ['requested', 'granted', 'denied'] as const) is(client.session[name] === before[name], `${name} is the same`);
    await client.upgrade('write:x', { mode: 'popup' });
    same(client.session.granted, ['openid', 'read:x', 'offline_access', 'write:x']);
    is(client.session.denied === before.denied, 'denied is the same');
  },

  async 'stays the same object after a no to what was not there'(world) {
    const { client } = await world.start({ says: 'deny' });
    const before = client.session;
    await client.upgrade('write:x', { mode: 'popup' });
    is(client.session === before, 'the content is the same');
  },

  async 'tells listeners once for a change, and not within the call'(world) {
    const subject = await world.start();
    const { client, says } = subject;
    const told: unknown[] = [];
    const listener = () => void told.push(client.session.granted.length);
    const [stop, stopOther] = [client.subscribe(listener), client.subscribe(listener)];
    await client.upgrade('write:x', { mode: 'popup' });
    await settled(subject, () => told.length === 2);
    same(told, [3, 3]);
    stopOther();
    says('deny');
    await client.upgrade('more', { mode: 'popup' });
    same(told.length, 2, 'calls after a no');
    await client.signOut({ local: true });
    await settled(subject, () => told.length === 3);
    stop();
    same(told, [3, 3, 0]);
  },

  async 'tells no listener that another has ended, and none of a client that one has closed'(world) {
    const subject = await world.start();
    const { client } = subject;
    const told: string[] = [];
    client.subscribe(() => {
      told.push('first');
      end();
    });
    const end = client.subscribe(() => void told.push('ended'));
    client.subscribe(() => {
      told.push('closes');
      client.close();
    });
    client.subscribe(() => void told.push('closed'));
    // It ends with the client.
    await client.upgrade('write:x', { mode: 'popup' }).catch(() => {});
    await settled(subject, () => told.length > 1);
    same(told, ['first', 'closes']);
  },

  async 'ends with a sign-out'(world) {
    const { client } = await world.start();
    await client.signOut({ local: true });
    same(client.session.signedIn, false);
    is(!client.hasScope('read:x'), 'no scope is left');
    await fails(world, 'not_signed_in', () => client.getAccessToken());
    await fails(world, 'not_signed_in', () => client.upgrade('write:x', { mode: 'popup' }));
    await fails(world, 'invalid_options', () => client.signOut({ lokal: true } as object));
  },

  async 'a closed client answers no call, and keeps its last snapshot'(world) {
    const { client } = await world.start();
    const before = client.session;
    let told = 0;
    client.subscribe(() => (told += 1));
    client.close();
    client.close();
    is(client.session === before, 'the last snapshot');
    is(before.has('read:x') && !before.has('write:x'), 'which answers as ever');
    same(before.missing('read:x write:x'), ['write:x']);
    await fails(world, 'invalid_options', () => client.hasScope('read:x'));
    await fails(world, 'invalid_options', () => client.getAccessToken());
    await fails(world, 'invalid_options', () => client.signOut());
    same(told, 0);
  },

  async 'becomes expired once, where the token cannot be renewed'(world) {
    const subject = await world.start({ expiresIn: 600 });
    const { client, tick } = subject;
    const before = client.session;
    let told = 0;
    client.subscribe(() => (told += 1));
    await tick(598);
    is(client.hasScope('read:x') && client.session === before, 'it lasts until then');
    await tick(3);
    await settled(subject, () => told === 1);
    same(client.session.expired, true);
    is(client.session.signedIn && !client.hasScope('read:x') && !client.session.has('read:x'), 'the user is known, and the scopes are gone');
    same(client.missingScopes('openid read:x'), ['openid', 'read:x']);
    same(client.scopeStatus('read:x'), 'granted');
    await fails(world, 'login_required', () => client.getAccessToken());
    await tick(60);
    same(told, 1);
  },

  async 'gives the claims to userInfo, and an ID token'(world) {
    const { client } = await world.start();
    same((await client.userInfo()).sub, 'ada');
    same(client.idToken()!.split('.').length, 3, 'the parts of the ID token');
  },
};
