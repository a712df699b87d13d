// Newer versions of Node load ES modules here too; older ones are told what to do.
const assert = require('node:assert/strict');

for (const name of ['scopewise', 'scopewise/inline']) {
  if (process.features.require_module) assert.equal(typeof require(name).createClient, 'function');
  else assert.throws(() => require(name), /scopewise is an ES module.*Import it/);
}
