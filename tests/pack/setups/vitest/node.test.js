import { createClient } from 'scopewise';
import { expect, test } from 'vitest';
import { options } from './sign-in-url.js';

test('nobody is signed in', async () => {
  const client = await createClient(options);
  expect(client.session.signedIn).toBe(false);
  expect(client.hasScope('profile')).toBe(false);
});
