import assert from 'node:assert/strict';
import { AuthError, createClient } from 'scopewise';
import * as inline from 'scopewise/inline';
import { integrity } from 'scopewise/integrity.js';
import { relay } from 'scopewise/relay';
import { options } from './sign-in-url.js';

for (const create of [createClient, inline.createClient]) {
  const client = await create(options);
  assert.equal(client.session.signedIn, false);
  assert.throws(() => client.authorizeUrl(), { name: 'AuthError', code: 'not_in_browser' });
}
assert.deepEqual(Object.keys(inline), Object.keys(await import('scopewise')));
assert.notEqual(AuthError, inline.AuthError);
assert.match(integrity, /^sha384-/);
assert.equal(await relay({ next: '/' }), undefined);
