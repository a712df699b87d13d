/** For tests of applications: a client without a server, and a server without a network. */

export { createMockClient } from './testing-mock.js';
export type * from './testing-types.js';
