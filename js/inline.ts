// The same as index.ts, with the WebAssembly inside of the script: the build puts place-inline.ts in place of place.ts.
export * from './index.js';
