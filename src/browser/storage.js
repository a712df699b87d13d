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

/** IndexedDB, in the shape of Web Storage. */
class Database {
  #opened;

  constructor(factory) {
    this.factory = factory;
  }

  getItem = (key) => this.#ask('readonly', (store) => store.get(key));
  setItem = (key, text) => this.#ask('readwrite', (store) => store.put(text, key));
  removeItem = (key) => this.#ask('readwrite', (store) => store.delete(key));

  /** Resolves once it is done for good. A database that went away is opened once more. */
  async #ask(mode, work, isLast = false) {
    let transaction;
    try {
      this.#opened ??= this.#open();
      transaction = (await this.#opened).transaction(NAME, mode);
    } catch (reason) {
      this.#opened = undefined;
      if (isLast) throw reason;
      return this.#ask(mode, work, true);
    }
    return new Promise((resolve, reject) => {
      const request = work(transaction.objectStore(NAME));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  #open() {
    return new Promise((resolve, reject) => {
      const request = this.factory.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(NAME);
      request.onsuccess = () => {
        const database = request.result;
        // Whoever deletes it does not wait for this page.
        database.onversionchange = database.onclose = () => {
          database.close();
          this.#opened = undefined;
        };
        resolve(database);
      };
      request.onerror = request.onblocked = () => reject(request.error);
    });
  }
}

/** What the database and its only store are called. */
const NAME = 'scopewise';

/**
 * localStorage, which may tell late what another tab wrote: each text has a number before it, which the writer also holds
 * as the name of a lock for all to see, and a reader waits for the latest number.
 */
class Local {
  #release = new Map();
  #written = new Map();
  #latest = new Map();

  constructor(storage, timeout) {
    this.storage = storage;
    this.timeout = timeout;
  }

  getItem = (key) => this.storage.getItem(key)?.replace(/^n=\d+/, '') ?? null;

  setItem(key, text) {
    const number = this.#next(key);
    this.storage.setItem(key, `n=${number}${text}`);
    // Nobody waits for what storage refused.
    this.#written.set(key, number);
  }

  removeItem(key) {
    this.#written.set(key, this.#next(key));
    this.storage.removeItem(key);
  }

  /** Lets all others know which number they have to see. */
  async write(key) {
    const number = this.#written.get(key);
    if (!number || !navigator.locks) return;
    this.#written.delete(key);
    await new Promise((resolve, reject) => {
      const hold = () => new Promise((release) => {
        this.#release.get(key)?.();
        this.#release.set(key, release);
        resolve();
      });
      navigator.locks.request(`${key}#${number}`, { mode: 'shared' }, hold).catch(reject);
    });
  }

  /** Waits for the latest text. One that is gone is not waited for: then nobody is signed in. */
  async read(key) {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const numbers = held.map(({ name }) => (name.startsWith(`${key}#`) ? +name.slice(key.length + 1) : 0));
    const latest = Math.max(0, ...numbers);
    this.#latest.set(key, latest);
    const end = performance.now() + this.timeout;
    while (performance.now() < end && this.storage.getItem(key) !== null && this.#number(key) < latest) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  /** Later than all numbers that others hold, whatever their clocks were. */
  #next = (key) => Math.max(Date.now(), this.#number(key) + 1, (this.#latest.get(key) ?? 0) + 1);

  #number = (key) => +(/^n=(\d+)/.exec(this.storage.getItem(key))?.[1] ?? 0);
}

/** A store by its kind: the page's memory also where the page may not use the one it wants. */
export function open(kind, host, timeout) {
  try {
    if (kind === 'own') return new Own(host.storage, timeout);
    if (kind === 'indexeddb') return new Own(new Database(indexedDB), timeout);
    if (kind === 'local' && timeout) return new Local(localStorage, timeout);
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
  const all = store === memory ? [...entries.keys()] : Object.keys(store instanceof Local ? store.storage : store);
  return all.filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length)).join('\n');
}

/**
 * Carries out what was written to a store that need not be synchronous, or reads a key of it again ("write", "read").
 * Resolves to "y", or to undefined where it did not do so in time.
 */
export async function sync(store, action, key) {
  if (!store[action]) return 'y';
  return within(store.timeout, store[action](key).then(() => 'y')).catch(() => undefined);
}
