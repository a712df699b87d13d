// `require` may not be able to load this package: what it gets then throws, and says what to do. Types are for everybody.
export type * from './index.js' with { 'resolution-mode': 'import' };
