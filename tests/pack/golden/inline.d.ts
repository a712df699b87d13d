
export * from './index.js';

export { }
