// The option `scopes`: what users are told of a scope, and scopes that are asked for alone.
import { expectFailure } from '../app.js';
import { call, insufficient, signedIn, test } from '../api.js';
import { expect } from '../fixtures.js';

const SCOPES = {
  'write:x': { title: 'Create appointments', why: 'to save what you enter', locales: { de: { title: 'Termine anlegen', why: 'um zu sichern, was du einträgst' } } },
  'pay:x': { title: 'Pay', sensitive: true },
};
const ENGLISH = { scope: 'write:x', title: 'Create appointments', why: 'to save what you enter', sensitive: false };
const GERMAN = { scope: 'write:x', title: 'Termine anlegen', why: 'um zu sichern, was du einträgst', sensitive: false };
const PAY = { scope: 'pay:x', title: 'Pay', sensitive: true };

test('scopes are described in the page’s language, in another that is asked for, or by their names', async ({ app, page }) => {
  await app.goto();
  await app.open({ scopes: SCOPES });
  const describe = async (...args: [scope: string | string[], options?: object]) => (await app.call('describeScopes', ...args)).value;
  const speak = (lang: string) => page.evaluate((lang) => document.documentElement.setAttribute('lang', lang), lang);
  await speak('en');
  expect(await describe(['write:x', 'read:x', 'pay:x', 'write:x'])).toEqual([ENGLISH, { scope: 'read:x', title: 'read:x', sensitive: false }, PAY]);
  expect(await describe('write:x', { locale: 'de-AT' })).toEqual([GERMAN]);
  expect(await describe('write:x', { locale: ['fr', 'de'] })).toEqual([GERMAN]);
  expect(await describe('write:x', { locale: [] })).toEqual([ENGLISH]);
  await speak('de-CH');
  expect(await describe('write:x')).toEqual([GERMAN]);
  expect(await describe('write:x', { locale: 'en' })).toEqual([ENGLISH]);
  expect(await describe([])).toEqual([]);
  // Without a language of the page's it is the browser's.
  await page.evaluate(() => document.documentElement.removeAttribute('lang'));
  await page.evaluate(() => Object.defineProperty(navigator, 'language', { value: 'de', configurable: true }));
  expect(await describe('write:x')).toEqual([GERMAN]);
  expectFailure(await app.call('describeScopes', 'no"scope'), 'invalid_scope_syntax');
  expectFailure(await app.call('describeScopes', null as never), 'invalid_scope_syntax');
  expectFailure(await app.call('describeScopes', 'write:x', { locale: 1 } as never), 'invalid_options', { message: expect.stringContaining('"locale"') });
  expectFailure(await app.call('describeScopes', 'write:x', { language: 'de' } as never), 'invalid_options', { message: expect.stringContaining('"language"') });
  const isFrozen = await page.evaluate(() => {
    const described = kit.clients['main'].describeScopes!('write:x');
    return [Object.isFrozen(described), Object.isFrozen(described[0])];
  });
  expect(isFrozen).toEqual([true, true]);
});

test('an error and an outcome say what the missing scopes are for', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} }, { scope: 'openid read:x', scopes: SCOPES });
  const { error } = await app.call('getAccessToken', { scope: ['write:x', 'other:x'] });
  const described = [ENGLISH, { scope: 'other:x', title: 'other:x', sensitive: false }];
  expect(error).toMatchObject({ code: 'missing_scope', missing: ['write:x', 'other:x'], descriptions: described });
  // Of scopes that the application says nothing of there is nothing to say.
  const other = await app.call('getAccessToken', { scope: 'other:x' });
  expect(other.error).not.toHaveProperty('descriptions');
  api.answer = () => insufficient('write:x');
  expectFailure(await call(app, api.origin), 'insufficient_scope', { missing: ['write:x'], descriptions: [ENGLISH] });

  const denied = await app.upgrade('write:x', (url) => app.server.reply(url, { error: 'access_denied' }));
  expect(denied.value).toMatchObject({ outcome: 'denied', missing: ['write:x'], descriptions: [ENGLISH] });
  const granted = await app.upgrade('write:x');
  expect(granted.value).toMatchObject({ outcome: 'granted', missing: [] });
  expect(granted.value).not.toHaveProperty('descriptions');
});

test('a sensitive scope is asked for alone', async ({ app, api, page }) => {
  await signedIn(app, { [api.origin]: {} }, { scope: 'openid read:x', scopes: SCOPES });
  const before = await app.sessionText();
  const message = expect.stringMatching(/"pay:x" is marked sensitive/);
  for (const mode of ['redirect', 'popup', 'silent'] as const) {
    expectFailure(await app.call('upgrade', ['write:x', 'pay:x'], { mode }), 'invalid_options', { message });
    expectFailure(await app.call('signIn', { scope: 'openid pay:x', mode }), 'invalid_options', { message });
  }
  expectFailure(await app.call('authorizeUrl', { scope: 'pay:x' }), 'invalid_options', { message });
  expectFailure(await app.as('second').tryOpen({ scope: 'openid pay:x', scopes: SCOPES }), 'invalid_options', { message });
  api.answer = () => insufficient('write:x pay:x');
  const refused = await call(app, api.origin, { onMissing: 'popup' });
  expectFailure(refused, 'insufficient_scope', { missing: ['write:x', 'pay:x'], descriptions: [ENGLISH, PAY] });
  expect(page.context().pages()).toHaveLength(1);
  expect(await app.sessionText()).toBe(before);
  expect((await app.upgrade('pay:x')).value).toMatchObject({ outcome: 'granted' });
  expect((await app.upgrade(['write:x', 'pay:x'])).value).toMatchObject({ outcome: 'granted' });
  expect((await app.session()).granted).toEqual(expect.arrayContaining(['write:x', 'pay:x']));
});

test('a description that makes no sense is refused by its name', async ({ app }) => {
  await app.goto();
  for (const [scopes, hint] of [
    ['write:x', /"scopes"/],
    [{ 'write:x': 'Create' }, /"scopes"/],
    [{ 'write:x': {} }, /"write:x" needs a title/],
    [{ 'write:x': { title: '' } }, /"write:x" needs a title/],
    [{ 'write:x': { title: 1 } }, /"title"/],
    [{ 'write:x': { title: 'Create', why: null } }, /"why"/],
    [{ 'write:x': { title: 'Create', sensitive: 'yes' } }, /"sensitive"/],
    [{ 'write:x': { title: 'Create', label: 'Create' } }, /scopes has no option "label"/],
    [{ 'write:x': { title: 'Create', locales: [] } }, /"locales"/],
    [{ 'write:x': { title: 'Create', locales: { de: 'Anlegen' } } }, /"locales"/],
    [{ 'write:x': { title: 'Create', locales: { de: { why: 'um' } } } }, /needs a title.*every language/],
    [{ 'write:x': { title: 'Create', locales: { de: { title: 'Anlegen', sensitive: true } } } }, /locales has no option "sensitive"/],
    [{ 'write:x': { title: 'x'.repeat(65537) } }, /64 KiB/],
  ] as const) {
    expectFailure(await app.tryOpen({ scopes } as object), 'invalid_options', { message: expect.stringMatching(hint) });
  }
  expectFailure(await app.tryOpen({ scopes: { 'write x': { title: 'Create' } } }), 'invalid_scope_syntax');
});
