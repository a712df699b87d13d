/**
 * This page's memory: gone with the page, shared by all clients on it, as the other storages are. It is not the module's
 * memory, for it is there for the next instance, too, where one has trapped.
 *
 * @type {Map<string, string>}
 */
export const entries = new Map();
