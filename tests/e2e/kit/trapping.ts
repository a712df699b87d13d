// The package with ways to trap: `generated` is for the instance that the latest client is on.
import { createClient as create } from '../../../js/index.js';
import { load, type Instance } from '../../../js/load.js';

export * from '../../../js/index.js';

let latest: Instance | undefined;

/** Where a trap is to be: in the first call of an import, or at the entry of that number. Imports that were called, and entries. */
const counts = { trapAt: undefined as string | number | undefined, imports: new Set<string>(), entries: 0 };

export const createClient: typeof create = async (options) => {
  latest = await load();
  return create(options);
};

export const generated = { counts, isLoaded: () => latest !== undefined, trap: (after?: unknown) => (latest!.glue as any).trap(after) };

type Functions = Record<string, unknown>;

const wrapped = (functions: Functions, wrap: (name: string, call: Function) => unknown): Functions =>
  Object.fromEntries(Object.entries(functions).map(([name, value]) => [name, typeof value === 'function' ? wrap(name, value) : value]));

const { instantiate } = WebAssembly;

/** Every instance counts what calls it and what it calls, from outside of the guard that is tested. */
WebAssembly.instantiate = (async (module: WebAssembly.Module, imports: Record<string, Functions>) => {
  let exports: Functions = {};
  let depth = 0;
  const trapAt = (place: string | number) => {
    if (counts.trapAt !== place) return;
    counts.trapAt = undefined;
    (exports[latest!.glue.names['trap']!] as Function)();
  };
  const watched = Object.entries(imports).map(([from, functions]) => [from, wrapped(functions, (name, call) => (...args: unknown[]) => {
    counts.imports.add(name);
    trapAt(name);
    return call(...args);
  })]);
  ({ exports } = await instantiate(module, Object.fromEntries(watched)) as unknown as { exports: Functions });
  return { exports: wrapped(exports, (_name, call) => (...args: unknown[]) => {
    depth += 1;
    try {
      if (depth === 1) trapAt((counts.entries += 1));
      return call(...args);
    } finally {
      depth -= 1;
    }
  }) };
}) as never;
