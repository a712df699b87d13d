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

// Of either copy, by its code, and only with what that promises: a server may send the same code without it.
const error = new inline.AuthError({ code: 'missing_scope', message: 'a scope is missing', missing: ['a'] });
assert.ok(AuthError.is(error, 'missing_scope') && inline.AuthError.is(error, 'missing_scope'));
assert.ok(!AuthError.is(error, 'http') && !AuthError.is(new AuthError({ code: 'missing_scope', message: '' }), 'missing_scope'));
assert.ok(AuthError.is(new AuthError({ code: 'constructor', message: '' }), 'constructor'));
for (const other of [undefined, null, 'missing_scope', { name: 'AuthError', code: 'missing_scope' }, new Error('missing_scope')]) assert.ok(!AuthError.is(other, 'missing_scope'));
