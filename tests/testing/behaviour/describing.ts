// What scopes are for, in the user's words. A client without `describeScopes` has no option `scopes` either.
import { fails, holds, same, type Behaviours } from './world.js';

const SCOPES = {
  'write:x': { title: 'Create appointments', why: 'to save what you enter', locales: { de: { title: 'Termine anlegen' }, 'pt-BR': { title: 'Criar' } } },
  pay: { title: 'Pay', sensitive: true },
};

export const describing: Behaviours = {
  async 'in the first wanted language that is there'(world) {
    const { client } = await world.start({ scopes: SCOPES });
    same(client.describeScopes!('write:x pay other pay', { locale: 'en' }), [
      { scope: 'write:x', title: 'Create appointments', why: 'to save what you enter', sensitive: false }, { scope: 'pay', title: 'Pay', sensitive: true },
      { scope: 'other', title: 'other', sensitive: false },
    ]);
    const titles = ([['de-AT'], ['fr', 'DE-de'], 'pt', 'pt-BR-x-y'] as const).map((locale) => client.describeScopes!('write:x', { locale })[0]!.title);
    same(titles, ['Termine anlegen', 'Termine anlegen', 'Create appointments', 'Criar']);
    await fails(world, 'invalid_scope_syntax', () => client.describeScopes!(''));
  },

  async 'goes with errors and outcomes'(world) {
    const { client, says } = await world.start({ scopes: SCOPES });
    says('deny');
    const outcome = await client.upgrade('write:x', { mode: 'popup' });
    same(outcome.descriptions?.map(({ title }) => title), ['Create appointments']);
    const error = await fails(world, 'missing_scope', () => client.getAccessToken({ scope: 'write:x' }));
    same(error.descriptions?.map(({ title }) => title), ['Create appointments']);
    same((await client.upgrade('other', { mode: 'popup' })).descriptions, undefined);
  },

  async 'keeps sensitive ones apart'(world) {
    const { client } = await world.start({ granted: null, scope: 'openid pay read:x', scopes: SCOPES });
    same((await client.signIn({ mode: 'popup' })).requested, ['openid', 'read:x']);
    await fails(world, 'invalid_options', () => client.upgrade('pay write:x', { mode: 'popup' }));
    holds(await client.upgrade('pay', { mode: 'popup' }), { outcome: 'granted' });
    holds(await client.upgrade('pay write:x', { mode: 'popup' }), { outcome: 'granted' });
  },
};
