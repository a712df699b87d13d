// The package as a toolchain makes it that lacks the standard library's source: larger, and no different.
import { expect, test } from '../fixtures.js';

test('the plain package signs in', async ({ app }) => {
  const loaded: string[] = [];
  app.page.on('request', (request) => { if (request.url().endsWith('.wasm')) loaded.push(new URL(request.url()).pathname); });
  await app.goto('/plainly/');
  await app.open({ scope: 'openid read:x' });
  expect(loaded).toEqual(['/plain/scopewise_bg.wasm']);

  const { searchParams } = new URL(await app.ask('signIn'));
  expect(searchParams.get('response_type')).toBe('code');
  expect(searchParams.get('scope')).toBe('openid read:x');
  expect(searchParams.get('code_challenge_method')).toBe('S256');

  await app.goto('/plainly/');
  await app.open({ scope: 'openid read:x' });
  expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
  expect((await app.call('hasScope', 'read:x')).value).toBe(true);
});
