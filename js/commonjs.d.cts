// `require` cannot load this package here: what it gets throws, and says what to do.
export {};
