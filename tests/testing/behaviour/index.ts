// All that the client for tests and the real one do alike.
import { args } from './arguments.js';
import { asking } from './asking.js';
import { callback } from './callback.js';
import { calls } from './calls.js';
import { describing } from './describing.js';
import { proofs } from './proofs.js';
import { scopes } from './scopes.js';
import { session } from './session.js';
import { tokens } from './tokens.js';

export const behaviours = { session, scopes, asking, callback, tokens, calls, proofs, describing, arguments: args };
export type * from './world.js';
