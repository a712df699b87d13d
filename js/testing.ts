/** For tests of applications: a client without a server, and a server without a network. */

export { createMockClient } from './testing/mock.js';
export { createFakeServer } from './testing/server.js';
export { patchTestPage } from './testing/page.js';
export type * from './testing/types.js';
export type * from './testing/server-types.js';
