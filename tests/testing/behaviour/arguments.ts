// What calls take, and what they refuse.
import { fails, is, response, same, type Behaviours } from './world.js';

const popup = { mode: 'popup' } as const;
const none = [null, undefined, 7, {}, '', ' ', [], [''], new Set(['read:x'])] as never[];

export const args: Behaviours = {
  async 'that are no scopes are so before anything else is looked at'(world) {
    const { client } = await world.start({ granted: null });
    for (const scope of [null, 7, 'a"b', ['a b'], 'x'.repeat(9000)] as never[]) await fails(world, 'invalid_scope_syntax', () => client.upgrade(scope, popup));
    await fails(world, 'not_signed_in', () => client.upgrade('write:x', popup));
    await fails(world, 'not_signed_in', () => client.upgrade([], popup));
  },

  async 'that name one scope do so to the letter'(world) {
    const { client } = await world.start();
    for (const scope of [' read:x', 'read:x ', 'read:x read:x', ['read:x']] as never[]) {
      await fails(world, 'invalid_scope_syntax', () => client.scopeStatus(scope));
      await fails(world, 'invalid_scope_syntax', () => client.explainScope(scope));
    }
  },

  async 'may name no scope where none is wanted'(world) {
    const { client } = await world.start({ apis: { 'https://api.test/': {} }, respond: () => response('fine') });
    for (const scope of ['', []]) {
      is(await client.getAccessToken({ scope }) === await client.getAccessToken(), 'the token that is there');
      same((await client.fetch('https://api.test/', { scope })).status, 200);
    }
  },

  async 'that are too long are refused'(world) {
    const { client } = await world.start();
    const scope = 'x'.repeat(9000);
    for (const call of [() => client.hasScope(scope), () => client.missingScopes(scope), () => client.session.has(scope), () => client.upgrade(scope, popup)]) await fails(world, 'invalid_scope_syntax', call);
    for (const options of [{ loginHint: 'x'.repeat(70_000) }, { appState: 'x'.repeat(300_000) }]) await fails(world, 'invalid_options', () => client.authorizeUrl(options));
  },

  async 'that name no audience are refused'(world) {
    const { client } = await world.start();
    for (const selector of [{ audience: '' }, { resource: '' }, { audience: 7 as never }, null as never]) {
      await fails(world, 'invalid_options', () => client.hasScope('read:x', selector));
      await fails(world, 'invalid_options', () => client.getAccessToken(selector));
    }
  },

  async 'say where to come back to'(world) {
    const { client, answer } = await world.start();
    const { origin } = new URL(client.authorizeUrl().url.match(/redirect_uri=([^&]*)/)!.slice(1).map(decodeURIComponent)[0]!);
    for (const [returnTo, path] of [[origin, '/'], [`${origin}/a?b#c`, '/a?b#c'], ['/a', '/a']] as const) {
      same((await client.handleCallback(await answer(client.authorizeUrl({ returnTo }).url)))?.returnTo, path);
    }
    for (const returnTo of ['', 'a', '//evil.example', `${origin}.evil.example`, 'javascript:1']) await fails(world, 'invalid_return_to', () => client.authorizeUrl({ returnTo }));
    for (const returnTo of ['', '//evil.example', '/\\evil.example', 'javascript:1', 'http://app.example/']) await fails(world, 'invalid_return_to', () => client.signOut({ local: true, returnTo }));
    is(client.session.signedIn, 'nobody was signed out');
    await client.signOut({ local: true, returnTo: 'https://app.example/bye' });
    is(!client.session.signedIn, 'signed out');
  },

  async 'that a client is made with are known by their names'(world) {
    const misspelled = [{ redirectUrl: '/cb' }, { apis: { 'https://api.test/': { scop: 'read:x' } } }, { scopes: { 'read:x': { title: 'Read', reason: 'to show' } } }, { provider: { imply: {} } }];
    for (const options of misspelled) {
      const { message } = await fails(world, 'invalid_options', () => world.start(options as never));
      is(/has no option "(redirectUrl|scop|reason|imply)"/.test(message), message);
    }
  },

  async 'that are undefined are not there'(world) {
    const { client } = await world.start();
    is(!client.authorizeUrl({ scope: undefined, params: { a: undefined } } as never).url.includes('a=undefined'), 'nothing is sent of it');
    is(client.hasScope('read:x', { audience: undefined } as never), 'the default audience');
  },

  async 'that are URLs have to be some'(world) {
    const { client } = await world.start();
    await fails(world, 'response_malformed', () => client.handleCallback('https://['));
    for (const url of ['https://[', 'https://ada:secret@api.test/']) await fails(world, 'invalid_options', () => client.fetch(url));
  },

  async 'that are to listen have to be functions'(world) {
    const { client } = await world.start();
    for (const listener of [null, undefined, 7, { handleEvent() {} }] as never[]) await fails(world, 'invalid_options', () => client.subscribe(listener));
  },

  async 'of a snapshot are read as before once the client is closed'(world) {
    const { client } = await world.start();
    const { session } = client;
    client.close();
    for (const snapshot of [session, client.session]) {
      is(snapshot.has('read:x') && !snapshot.has('read:x write:x'), 'the same answers');
      same(snapshot.missing('write:x read:x write:x'), ['write:x']);
      for (const scope of none) for (const check of [snapshot.has, snapshot.missing]) await fails(world, 'invalid_scope_syntax', () => check(scope));
    }
    same(client.describeScopes!('read:x').map(({ title }) => title), ['read:x']);
    client.subscribe(() => {})();
    await fails(world, 'invalid_options', () => client.hasScope('read:x'));
  },
};
