import { createClient } from 'scopewise';
import { signInUrl } from './sign-in-url.js';

test('a sign-in begins', async () => {
  const url = new URL(await signInUrl(createClient));
  expect(url.origin).toBe('https://id.example');
  expect(url.searchParams.get('scope')).toBe('openid profile');
});
