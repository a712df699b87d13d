/**
 * This page's memory: gone with the page, shared by all clients on it, as the other storages are. It is not the module's
 * memory, for it is there for the next instance, too, where one has trapped.
 *
 * @type {Map<string, string>}
 */
export const entries = new Map();

/**
 * The same for what is no secret: each copy of the package on this page has it, for two applications in one page may each bring one.
 *
 * @returns {Map<string, string>}
 */
export function shared() {
  /** @type {any} */
  const global = globalThis;
  const key = Symbol.for('scopewise');
  if (!(global[key] instanceof Map)) global[key] = new Map();
  return global[key];
}
