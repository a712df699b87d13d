import { within } from './clock.js';

/** This page's memory: gone with the page, shared by all clients on it, as the others are. */
const entries = new Map();
const memory = {
  getItem: (key) => entries.get(key) ?? null,
  setItem: (key, text) => void entries.set(key, text),
  removeItem: (key) => void entries.delete(key),
};

/** The application's own storage, which may be slow, throw or never answer, behind a synchronous face. */
class Own {
  #entries = new Map();
  #writes = [];

  constructor(store, timeout) {
    this.store = store;
    this.timeout = timeout;
  }

  getItem = (key) => this.#entries.get(key) ?? null;

  setItem(key, text) {
    this.#entries.set(key, text);
    this.#writes.push(() => this.store.setItem(key, text));
  }

  removeItem(key) {
    this.#entries.delete(key);
    this.#writes.push(() => this.store.removeItem(key));
  }

  /** Carries out what was written, in order. */
  async write() {
    while (this.#writes.length) await this.#writes.shift()();
  }

  /** Reads a key again. */
  async read(key) {
    const text = await this.store.getItem(key);
    if (typeof text === 'string') this.#entries.set(key, text);
    else this.#entries.delete(key);
  }
}

/** A store by its kind: the page's memory also where the page may not use the one it wants. */
export function open(kind, host, timeout) {
  try {
    if (kind === 'own') return new Own(host.storage, timeout);
    return (kind === 'memory' ? memory : window[`${kind}Storage`]) ?? memory;
  } catch {
    return memory;
  }
}

export const isMemory = (store) => store === memory;

/** What stands under a key; undefined where nothing does, or it cannot be read. */
export function read(store, key) {
  try {
    return store.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Puts text under a key, or removes what is there. False where the store refuses. */
export function write(store, key, text) {
  try {
    if (text === undefined) store.removeItem(key);
    else store.setItem(key, text);
    return true;
  } catch {
    return false;
  }
}

/** The rest of every key with this beginning, a line each. */
export function keys(store, prefix) {
  const all = store === memory ? [...entries.keys()] : Object.keys(store);
  return all.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)).join('\n');
}

/**
 * Carries out what was written to a store that need not be synchronous, or reads a key of it again ("write", "read").
 * Resolves to "y", or to undefined where it did not do so in time.
 */
export async function sync(store, action, key) {
  if (!(store instanceof Own)) return 'y';
  return within(store.timeout, store[action](key).then(() => 'y')).catch(() => undefined);
}
