// Signing in and upgrading: outcomes, and errors.
import { fails, holds, is, same, type Behaviours } from './world.js';

const popup = { mode: 'popup' } as const;

export const asking: Behaviours = {
  async 'signs in by popup'(world) {
    const { client } = await world.start({ granted: null, scope: 'openid read:x' });
    const outcome = await client.signIn({ ...popup, returnTo: '/inbox?x=1#y', appState: { draft: 7 } });
    same(outcome, { kind: 'sign-in', outcome: 'granted', requested: ['openid', 'read:x'], granted: ['openid', 'read:x'], missing: [], appState: { draft: 7 }, returnTo: '/inbox?x=1#y' });
    is(Object.isFrozen(outcome) && Object.isFrozen(outcome.granted), 'the outcome is frozen');
    same(client.session.claims?.sub, 'ada');
  },

  async 'signs in without any scope'(world) {
    const { client } = await world.start({ granted: null, scope: '' });
    holds(await client.signIn(popup), { outcome: 'granted', requested: [], granted: [], missing: [] });
    holds(client.session, { signedIn: true, claims: null, granted: [] });
    holds(await client.signIn({ ...popup, scope: [] }), { outcome: 'granted', requested: [] });
    is(!client.hasScope('openid'), 'none is there');
  },

  async 'signs in silently, and for other scopes than usual'(world) {
    const { client, says } = await world.start({ granted: null, scope: 'openid' });
    says({ error: 'login_required' });
    await fails(world, 'login_required', () => client.signIn({ mode: 'silent' }), { retryable: false });
    says('grant');
    same((await client.signIn({ mode: 'silent', scope: ['openid', 'read:y'] })).granted, ['openid', 'read:y']);
  },

  async 'a no to a sign-in is an error, with what the application gave'(world) {
    const { client, says } = await world.start({ granted: null });
    says('deny');
    const error = await fails(world, 'access_denied', () => client.signIn({ ...popup, returnTo: '/a', appState: 1 }), { appState: 1, returnTo: '/a', retryable: false });
    is(!('missing' in { ...error }), 'no scopes are named');
    const bare = await fails(world, 'access_denied', () => client.signIn(popup));
    same(bare.appState, undefined);
    says({ error: 'temporarily_unavailable', description: 'Back soon.' });
    await fails(world, 'temporarily_unavailable', () => client.signIn(popup), { description: 'Back soon.', retryable: true });
    same(client.session.signedIn, false);
  },

  async 'some of the scopes of a sign-in'(world) {
    const { client, says } = await world.start({ granted: null, scope: 'openid read:x write:x' });
    says({ granted: 'openid write:x' });
    holds(await client.signIn(popup), { outcome: 'partial', granted: ['openid', 'write:x'], missing: ['read:x'] });
    holds(client.session, { requested: ['openid', 'read:x', 'write:x'], granted: ['openid', 'write:x'], denied: ['read:x'] });
    same(client.scopeStatus('read:x'), 'denied');
  },

  async 'upgrades ask for what is held and what is missing'(world) {
    const { client } = await world.start({ granted: 'openid read:x' });
    const outcome = await client.upgrade('write:x read:x', { ...popup, returnTo: '/' });
    same(outcome, {
      kind: 'upgrade', outcome: 'granted', requested: ['openid', 'read:x', 'write:x'], granted: ['openid', 'read:x', 'write:x'], missing: [], appState: null, returnTo: '/',
    });
    holds(client.session, { requested: ['openid', 'read:x', 'write:x'], granted: ['openid', 'read:x', 'write:x'], denied: [] });
  },

  async 'upgrades for what is there ask nobody'(world) {
    const { client, says } = await world.start({ granted: 'openid read:x' });
    says('deny');
    const before = client.session;
    holds(await client.upgrade('read:x', { ...popup, appState: [1] }), { kind: 'upgrade', outcome: 'granted', requested: ['read:x'], granted: ['openid', 'read:x'], appState: [1] });
    is(client.session === before, 'nothing changes');
  },

  async 'a part of an upgrade'(world) {
    const { client, says } = await world.start({ granted: 'openid read:x' });
    says('partial');
    holds(await client.upgrade(['write:x', 'write:y'], popup), { outcome: 'partial', granted: ['openid', 'read:x', 'write:x'], missing: ['write:y'] });
    same(client.session.denied, ['write:y']);
    same(client.scopeStatus('write:y'), 'denied');
    says({ granted: 'nothing' });
    holds(await client.upgrade('write:z', popup), { outcome: 'denied', missing: ['write:z'] });
    same(client.scopeStatus('write:y'), 'denied');
  },

  async 'a no to an upgrade is an outcome, and the session stays'(world) {
    const { client, says } = await world.start({ granted: 'openid read:x' });
    says('deny');
    holds(await client.upgrade('write:x', { ...popup, appState: 'kept' }), {
      kind: 'upgrade', outcome: 'denied', requested: ['openid', 'read:x', 'write:x'], granted: ['openid', 'read:x'], missing: ['write:x'], appState: 'kept',
    });
    holds(client.session, { signedIn: true, granted: ['openid', 'read:x'], denied: [] });
    says('grant');
    same((await client.upgrade('write:x', popup)).outcome, 'granted');
    same(client.scopeStatus('write:x'), 'granted');
  },

  async 'a step-up may be for no scope at all'(world) {
    const { client, says } = await world.start();
    holds(await client.upgrade([], { ...popup, acrValues: 'urn:mfa', maxAge: 300 }), { kind: 'upgrade', outcome: 'granted', missing: [] });
    says('deny');
    holds(await client.upgrade([], { ...popup, prompt: 'login' }), { outcome: 'denied', missing: [] });
  },

  async 'popups that are blocked or closed'(world) {
    const { client, says } = await world.start();
    const before = client.session;
    says('popup-blocked');
    await fails(world, 'popup_blocked', () => client.upgrade('write:x', { ...popup, appState: 1, returnTo: '/a' }), { retryable: true, appState: 1, returnTo: '/a' });
    says('popup-closed');
    await fails(world, 'popup_closed', () => client.upgrade('write:x', popup), { retryable: true });
    is(client.session === before, 'the session stays');
    same(client.scopeStatus('write:x'), 'not-requested');
  },

  async 'another user'(world) {
    const { client, says } = await world.start();
    const before = client.session;
    says('other-user');
    await fails(world, 'subject_mismatch', () => client.upgrade('write:x', popup));
    await fails(world, 'subject_mismatch', () => client.signIn({ mode: 'silent' }));
    is(client.session === before, 'the session stays');
    same((await client.signIn(popup)).outcome, 'granted');
    same(client.session.claims?.sub, 'other-user');
  },

  async 'another sign-in begins another session'(world) {
    const { client, says } = await world.start({ scope: 'openid', granted: 'openid read:x' });
    const other = { audience: 'https://other.example' };
    await client.upgrade('pay', { ...popup, ...other });
    says('deny');
    await client.upgrade('write:x', popup);
    says('grant');
    holds(await client.signIn({ ...popup, scope: 'openid read:y' }), { kind: 'sign-in', outcome: 'granted', requested: ['openid', 'read:y'] });
    same(client.session.granted, ['openid', 'read:y']);
    same([client.scopeStatus('write:x'), client.scopeStatus('read:x'), client.hasScope('pay', other)], ['not-requested', 'not-requested', false]);
  },

  async 'a silent sign-in goes on with the session'(world) {
    const { client, says } = await world.start({ granted: 'openid read:x' });
    const other = { audience: 'https://other.example' };
    await client.upgrade('pay', { ...popup, ...other });
    says('deny');
    await client.upgrade('write:x', popup);
    says('grant');
    holds(await client.signIn({ mode: 'silent', scope: 'openid read:y' }), { kind: 'sign-in', outcome: 'granted', granted: ['openid', 'read:y'] });
    same(client.session.granted, ['openid', 'read:y']);
    same([client.scopeStatus('write:x'), client.scopeStatus('read:x'), client.hasScope('pay', other)], ['denied', 'not-requested', true]);
  },

  async 'what is granted besides scopes'(world) {
    const { client, says } = await world.start({ granted: null, scope: 'openid read:x' });
    const authorizationDetails = [{ type: 'payment', amount: 5 }];
    const outcome = await client.signIn({ ...popup, authorizationDetails });
    same(outcome.authorizationDetails, authorizationDetails);
    is(Object.isFrozen(outcome.authorizationDetails), 'it is frozen');
    same((await client.upgrade('read:x', popup)).authorizationDetails, authorizationDetails);
    says('deny');
    same((await client.upgrade('write:x', popup)).authorizationDetails, authorizationDetails);
    says({ granted: 'openid write:x', authorizationDetails: [{ type: 'less' }] });
    same((await client.upgrade('write:x', { ...popup, authorizationDetails })).authorizationDetails, [{ type: 'less' }]);
    says({ granted: 'openid read:x write:x', authorizationDetails: [{ type: 'more' }] });
    holds(await client.upgrade([], { ...popup, authorizationDetails }), { outcome: 'granted', authorizationDetails: [{ type: 'more' }] });
    await fails(world, 'invalid_scope_syntax', () => client.upgrade([], { ...popup, authorizationDetails: [] }));
    says('grant');
    is(!('authorizationDetails' in await client.signIn(popup)), 'the server says nothing of it');
    for (const wrong of ['x', [1], {}]) await fails(world, 'invalid_options', () => client.signIn({ ...popup, authorizationDetails: wrong } as object));
  },

  async 'goes back to where the user is, by default'(world) {
    const { client } = await world.start();
    const here = typeof location === 'undefined' ? '/' : location.pathname + location.search + location.hash;
    holds(await client.upgrade('write:x', popup), { returnTo: here, appState: null });
    holds(await client.upgrade('write:x', popup), { returnTo: here, appState: null });
  },

  async 'wrong values of options are errors'(world) {
    const { client } = await world.start();
    for (const wrong of [{ mode: 'tab' }, { maxAge: -1 }, { maxAge: '1' }, { loginHint: 7 }, { params: [] }, { responseMode: 'form_post' }, { appState: () => {} }, { prompt: null }]) {
      await fails(world, 'invalid_options', () => client.signIn({ ...popup, ...wrong } as object));
    }
    await fails(world, 'invalid_options', () => client.signIn({ ...popup, params: { state: 'own' } }));
    for (const scope of [7, null]) await fails(world, 'invalid_scope_syntax', () => client.signIn({ ...popup, scope } as object));
    for (const wrong of [{ minValidity: -1 }, { minValidity: 'long' }, { forceRefresh: 'yes' }, { audience: 7 }]) await fails(world, 'invalid_options', () => client.getAccessToken(wrong as object));
    await fails(world, 'invalid_options', () => client.hasScope('read:x', { audiences: 'x' } as object));
    await fails(world, 'invalid_options', () => client.fetch('/x', { onMissing: 'ask' } as object));
  },

  async 'options that are no object are errors'(world) {
    const { client } = await world.start();
    // What a Map holds, or URLSearchParams, are no members.
    for (const wrong of [null, 7, 'popup', [], new Map([['mode', 'popup']]), new URLSearchParams('mode=popup')] as never[]) {
      const calls = [
        () => client.signIn(wrong), () => client.upgrade('write:x', wrong), () => client.authorizeUrl(wrong), () => client.getAccessToken(wrong), () => client.signOut(wrong),
        () => client.hasScope('read:x', wrong), () => client.missingScopes('read:x', wrong), () => client.scopeStatus('read:x', wrong), () => client.describeScopes!('read:x', wrong),
      ];
      for (const call of calls) await fails(world, 'invalid_options', call);
    }
    await fails(world, 'invalid_options', () => client.signIn({ ...popup, params: new URLSearchParams('a=b') } as object));
    for (const signal of [null, {}, { aborted: false }] as never[]) {
      for (const call of [() => client.signIn({ ...popup, signal }), () => client.upgrade('write:x', { ...popup, signal }), () => client.getAccessToken({ signal })]) await fails(world, 'invalid_options', call);
    }
    same(client.session.granted, ['openid', 'read:x']);
  },

  async 'options that are undefined are none'(world) {
    const { client } = await world.start({ granted: 'openid read:x', audience: undefined } as never);
    const none = { audience: undefined, resource: undefined, signal: undefined, acrValues: undefined, maxAge: undefined, prompt: undefined, params: undefined, returnTo: undefined } as object;
    holds(await client.upgrade('read:x', { ...popup, ...none }), { outcome: 'granted', requested: ['read:x'] });
    is(client.hasScope('read:x', { audience: undefined } as object), 'the default grant');
    same(await client.getAccessToken({ scope: undefined, minValidity: undefined, forceRefresh: undefined, signal: undefined } as object), await client.getAccessToken());
    holds(await client.signIn({ ...popup, scope: undefined, loginHint: undefined } as object), { outcome: 'granted' });
  },

  async 'signals, options and paths are checked'(world) {
    const { client } = await world.start();
    const signal = AbortSignal.abort();
    await fails(world, 'aborted', () => client.signIn({ ...popup, signal }), { retryable: true });
    await fails(world, 'aborted', () => client.upgrade('write:x', { ...popup, signal }));
    await fails(world, 'aborted', () => client.getAccessToken({ signal }));
    for (const returnTo of ['//evil.example', 'https://evil.example/', '/a/../b', '/\\evil', 'inbox', '/a b']) {
      await fails(world, 'invalid_return_to', () => client.signIn({ ...popup, returnTo }));
    }
    await fails(world, 'invalid_options', () => client.signIn({ ...popup, returnto: '/' } as object));
    await fails(world, 'invalid_options', () => client.upgrade('write:x', { ...popup, scope: 'more' } as object));
    await fails(world, 'invalid_options', () => client.signIn({ ...popup, appState: 1n }));
    same(client.session.granted, ['openid', 'read:x']);
  },
};
