// The package with a way to trap: `generated` is the glue of the instance that the latest client is on.
import { createClient as create } from '../../../js/index.js';
import { load, type Instance } from '../../../js/load.js';

export * from '../../../js/index.js';

let latest: Instance;

export const createClient: typeof create = async (options) => {
  latest = await load();
  return create(options);
};

export const generated = { trap: (after?: unknown) => (latest.glue as any).trap(after) };
