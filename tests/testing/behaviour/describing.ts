// What scopes are for, in the user's words.
import { fails, holds, is, response, same, type Behaviours } from './world.js';

const SCOPES = {
  'write:x': { title: 'Create appointments', why: 'to save what you enter', locales: { de: { title: 'Termine anlegen' }, 'pt-BR': { title: 'Criar' } } },
  pay: { title: 'Pay', sensitive: true },
};
const popup = { mode: 'popup' } as const;

export const describing: Behaviours = {
  async 'in the first wanted language that is there'(world) {
    const { client } = await world.start({ scopes: SCOPES });
    const described = client.describeScopes!('write:x pay other pay', { locale: 'en' });
    same(described, [
      { scope: 'write:x', title: 'Create appointments', why: 'to save what you enter', sensitive: false }, { scope: 'pay', title: 'Pay', sensitive: true },
      { scope: 'other', title: 'other', sensitive: false },
    ]);
    is(Object.isFrozen(described) && Object.isFrozen(described[0]), 'they are frozen');
    const titles = ['de-AT', ['fr', 'DE-de'], 'pt', 'pt-BR-x-y', []].map((locale) => client.describeScopes!('write:x', { locale })[0]!.title);
    same(titles, ['Termine anlegen', 'Termine anlegen', 'Create appointments', 'Criar', 'Create appointments']);
    same(client.describeScopes!([]), []);
    await fails(world, 'invalid_scope_syntax', () => client.describeScopes!('"'));
    await fails(world, 'invalid_options', () => client.describeScopes!('pay', { locale: 1 } as object));
    await fails(world, 'invalid_options', () => client.describeScopes!('pay', { language: 'de' } as object));
  },

  async 'in the language of the page'(world) {
    const { client } = await world.start({ scopes: SCOPES });
    // Node has no page.
    if (typeof document === 'undefined') return;
    const before = document.documentElement.lang;
    document.documentElement.lang = 'de-CH';
    same(client.describeScopes!('write:x'), [{ scope: 'write:x', title: 'Termine anlegen', sensitive: false }]);
    document.documentElement.lang = before;
  },

  async 'goes with errors and outcomes'(world) {
    const challenge = 'Bearer error="insufficient_scope", scope="write:x"';
    const { client, says } = await world.start({ scopes: SCOPES, apis: { 'https://api.test/': {} }, respond: () => response('no', 403, challenge) });
    const titles = (of: { descriptions?: readonly { title: string }[] }) => of.descriptions?.map(({ title }) => title);
    same(titles(await fails(world, 'missing_scope', () => client.getAccessToken({ scope: 'write:x other' }))), ['Create appointments', 'other']);
    same(titles(await fails(world, 'missing_scope', () => client.getAccessToken({ scope: 'other' }))), undefined);
    same(titles(await fails(world, 'insufficient_scope', () => client.fetch('https://api.test/'))), ['Create appointments']);
    says('deny');
    same(titles(await client.upgrade('write:x', popup)), ['Create appointments']);
    same(titles(await client.upgrade('other', popup)), undefined);
    says('grant');
    is(!('descriptions' in await client.upgrade('write:x', popup)), 'nothing is missing');
  },

  async 'keeps sensitive ones apart'(world) {
    const challenge = 'Bearer error="insufficient_scope", scope="write:x pay"';
    const { client } = await world.start({ scopes: SCOPES, apis: { 'https://api.test/': {} }, respond: () => response('no', 403, challenge) });
    await fails(world, 'invalid_options', () => client.signIn({ ...popup, scope: 'openid pay' }));
    await fails(world, 'invalid_options', () => client.authorizeUrl({ scope: 'pay' }));
    await fails(world, 'invalid_options', () => client.upgrade('pay write:x', popup));
    await fails(world, 'insufficient_scope', () => client.fetch('https://api.test/', { onMissing: 'popup' }), { missing: ['write:x', 'pay'] });
    await fails(world, 'invalid_options', async () => (await world.start({ scope: 'openid pay', scopes: SCOPES })).client);
    await fails(world, 'invalid_options', async () => (await world.start({ scopes: { pay: { title: ' ' } } })).client);
    holds(await client.upgrade('pay', popup), { outcome: 'granted' });
    holds(await client.upgrade('pay write:x', popup), { outcome: 'granted', missing: [] });
  },
};
