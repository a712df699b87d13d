// Checks of scopes.
import { fails, is, same, type Behaviours } from './world.js';

export const scopes: Behaviours = {
  async 'are checked one by one and together'(world) {
    const { client } = await world.start({ granted: 'openid read:x read:y' });
    is(client.hasScope('read:x') && client.hasScope('read:y read:x') && client.hasScope(['openid', 'read:y']), 'all are there');
    is(!client.hasScope('read:x write:x') && !client.hasScope('READ:X'), 'some is not');
    is(client.hasAnyScope('write:x read:x') && !client.hasAnyScope(['write:x', 'write:y']), 'any');
    same(client.missingScopes('write:y read:x write:x'), ['write:y', 'write:x']);
    const { session } = client;
    for (const missing of [client.missingScopes, session.missing]) same(missing(['write:y', 'write:x', 'write:y']), ['write:y', 'write:x']);
    const { hasScope } = client;
    is(hasScope('read:x'), 'methods need no this');
  },

  async 'that are none are errors'(world) {
    const { client } = await world.start();
    for (const none of ['', ' ', [], [''], ['a b'], 'a"b', 'ä', 'a\\b', null, 7, undefined]) {
      await fails(world, 'invalid_scope_syntax', () => client.hasScope(none as string));
      await fails(world, 'invalid_scope_syntax', () => client.missingScopes(none as string));
    }
    await fails(world, 'invalid_scope_syntax', () => client.session.has(''));
    await fails(world, 'invalid_scope_syntax', () => client.scopeStatus('a b'));
    await fails(world, 'invalid_scope_syntax', () => client.upgrade('', { mode: 'popup' }));
    await fails(world, 'invalid_scope_syntax', () => client.getAccessToken({ scope: '"' }));
  },

  async 'have a status, and words for it'(world) {
    const { client, says } = await world.start({ granted: 'openid read:x', requested: 'openid read:x other' });
    says('deny');
    await client.upgrade('write:x', { mode: 'popup' });
    const statuses = ['read:x', 'other', 'write:x', 'never'].map((scope) => client.scopeStatus(scope));
    same(statuses, ['granted', 'denied', 'denied', 'not-requested']);
    for (const [scope, words] of [['read:x', /granted/], ['write:x', /denied.*upgrade/s], ['never', /never requested/]] as const) {
      const text = client.explainScope(scope);
      is(text.includes(scope) && words.test(text), text);
    }
    same((await world.start({ granted: null })).client.scopeStatus('read:x'), 'not-requested');
  },

  async 'that were used, and those that were not, are in the report'(world) {
    const { client, says } = await world.start({ granted: 'openid read:x read:y' });
    client.hasScope('read:x');
    client.hasScope('never');
    says('deny');
    await client.upgrade('write:x', { mode: 'popup' });
    const report = client.scopeReport();
    same(report.requested, ['openid', 'read:x', 'read:y', 'write:x']);
    same(report.denied, ['write:x']);
    same([...report.used].sort(), ['never', 'read:x', 'write:x']);
    same([report.granted, report.unused, report.unrequested], [['openid', 'read:x', 'read:y'], ['read:y'], ['never']]);
  },

  async 'of another audience are another grant'(world) {
    const { client } = await world.start({ granted: 'openid read:x' });
    const other = { audience: 'https://other.example' };
    is(!client.hasScope('read:x', other), 'nothing is granted there');
    await fails(world, 'missing_scope', () => client.getAccessToken(other));
    const outcome = await client.upgrade('pay', { mode: 'popup', ...other });
    same(outcome.outcome, 'granted');
    is(client.hasScope('pay', other) && !client.hasScope('pay'), 'there, and only there');
    is(await client.getAccessToken(other) !== await client.getAccessToken(), 'each has a token of its own');
    same(client.session.granted, ['openid', 'read:x']);
  },

  async 'carry others, and have other spellings, as the provider profile says'(world) {
    const provider = { implies: { 'write:*': ['read:*'], staff: ['rooms'] }, aliases: { calendar: ['https://api.example/calendar'] } };
    const { client } = await world.start({ granted: 'openid write:x staff calendar', provider });
    is(client.hasScope('read:x rooms https://api.example/calendar') && !client.hasScope('read:y'), 'carried ones count');
    same(client.scopeStatus('rooms'), 'granted');
    same(client.session.granted, ['openid', 'write:x', 'staff', 'calendar']);
    const nothing = await client.upgrade('read:x', { mode: 'popup' });
    same([nothing.outcome, nothing.requested, nothing.missing], ['granted', ['read:x'], []]);
  },

  async 'in another spelling are denied with the one that was'(world) {
    const provider = { aliases: { calendar: ['https://api.example/calendar'] }, implies: { all: ['https://api.example/calendar'] } };
    const { client, says } = await world.start({ granted: 'openid read:x', provider });
    says('deny');
    same((await client.upgrade('calendar', { mode: 'popup' })).outcome, 'denied');
    same(['calendar', 'https://api.example/calendar', 'all'].map((scope) => client.scopeStatus(scope)), ['denied', 'denied', 'not-requested']);
    says('grant');
    same((await client.upgrade('https://api.example/calendar', { mode: 'popup' })).outcome, 'granted');
    same([client.scopeStatus('calendar'), client.scopeReport().denied], ['granted', []]);
  },

  async 'carry others by patterns that grow, shorten, or are spellings'(world) {
    const provider = { implies: { 'a*': ['aa*'], 'api:write:*': ['api:*'] }, aliases: { 'short:*': ['https://api.example/*'] } };
    const { client } = await world.start({ granted: 'openid ax api:write:notes short:b', provider });
    const isThere = (scope: string) => client.hasScope(scope);
    same(['aax', 'aaax', 'api:notes', 'https://api.example/b', 'write:notes'].map(isThere), [true, false, true, true, false]);
  },
};
