// What `require` gets where it cannot load ES modules: a word on what to do, in place of a complaint about syntax.
throw new Error(
  'scopewise is an ES module, and require() cannot load it here. Import it. ' +
    'In Jest run with NODE_OPTIONS=--experimental-vm-modules, and map it to what needs no file: ' +
    "moduleNameMapper: { '^scopewise$': '<rootDir>/node_modules/scopewise/inline.js' }. " +
    'More: https://github.com/scopewise/scopewise/blob/main/docs/bundlers.md#jest',
);
