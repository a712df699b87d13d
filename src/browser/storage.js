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
 * A storage whose texts other tabs may have, too, and hear of late. Each text has a number before it, which its writer also
 * holds as the name of a lock for all to see, and a reader waits for the latest number. Where each tab has a storage of
 * its own ("session", and "worker" in memory), the writer sends its text to those that have it, too: a tab that was
 * duplicated has the session of the other, and only the two know its id.
 */
class Shared {
  #held;
  #written;
  #latest = 0;
  #room;
  #channel;
  #hasAsked = false;

  constructor(storage, timeout, kind) {
    this.storage = storage;
    this.timeout = timeout;
    this.kind = kind;
    // A page with a lock is not kept for the back button.
    window.addEventListener('pagehide', this.#letGo);
  }

  getItem = (key) => this.storage.getItem(key)?.replace(/^n=\d+/, '') ?? null;

  setItem(key, text) {
    const written = this.#next(key);
    this.storage.setItem(key, `n=${written}${text}`);
    // Nobody waits for what storage refused.
    this.#written = written;
  }

  removeItem(key) {
    this.#written = this.#next(key);
    this.storage.removeItem(key);
  }

  /** Lets all others know which number they have to see, and sends the text to those that cannot look. */
  async write(key) {
    const written = this.#written;
    if (!written || !navigator.locks) return;
    this.#written = undefined;
    this.#enter(key);
    await this.#hold(key, written);
    this.#channel?.postMessage(this.storage.getItem(key) ?? undefined);
  }

  /** Waits for the latest text. One that is gone is not waited for, but for a page that is new: then nobody is signed in. */
  async read(key) {
    this.#enter(key);
    const start = `${this.#name(key)}#`;
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    const latest = Math.max(0, ...held.map(({ name }) => (name.startsWith(start) ? +name.slice(start.length) : 0)));
    this.#latest = latest;
    const isNew = this.kind === 'worker' && !this.#hasAsked && latest > 0;
    this.#hasAsked = true;
    if (isNew) this.#channel?.postMessage('');
    const end = performance.now() + Math.min(this.timeout, isNew ? 1000 : Infinity);
    while ((isNew || this.storage.getItem(key) !== null) && number(this.storage.getItem(key)) < latest) {
      if (performance.now() > end) throw new Error('late');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  close() {
    this.#channel?.close();
    window.removeEventListener('pagehide', this.#letGo);
    this.#letGo();
  }

  #letGo = () => this.#held?.();

  /** Holds the lock that has a number in its name, and no longer the one before. */
  #hold(key, number) {
    return new Promise((resolve, reject) => {
      const hold = () => new Promise((release) => {
        this.#held?.();
        this.#held = release;
        resolve();
      });
      navigator.locks?.request(`${this.#name(key)}#${number}`, { mode: 'shared' }, hold).catch(reject);
    });
  }

  /** Later than all numbers that others hold, whatever their clocks were. */
  #next = (key) => Math.max(Date.now(), number(this.storage.getItem(key)) + 1, this.#latest + 1);

  #name = (key) => (this.kind === 'session' ? key + this.#id(key).slice(0, 8) : key);

  #id = (key) => /\x1eid=([^\x1d\x1e]*)/.exec(this.storage.getItem(key))?.[1] ?? '';

  #enter(key) {
    const id = this.#id(key);
    const room = this.kind === 'worker' ? key : this.kind === 'session' && id ? key + id : undefined;
    if (room === this.#room) return;
    this.#channel?.close();
    this.#room = room;
    this.#channel = room && globalThis.BroadcastChannel && new BroadcastChannel(`${room}#`);
    this.#channel?.addEventListener('message', ({ data }) => {
      const held = this.storage.getItem(key);
      if (data === '' && held) this.#channel.postMessage(held);
      // Whoever wrote it may go.
      else if (number(data) > number(held) && write(this.storage, key, data)) this.#hold(key, number(data)).catch(() => {});
    });
  }
}

const number = (text) => +(/^n=(\d+)/.exec(text)?.[1] ?? 0);

/** A store by its kind: the page's memory also where the page may not use the one it wants. */
export function open(kind, host, timeout) {
  try {
    if (kind === 'own') return new Own(host.storage, timeout);
    if (kind === 'indexeddb') return new Own(new Database(indexedDB), timeout);
    if (kind === 'worker') return new Shared(memory, timeout, kind);
    const storage = (kind !== 'memory' && window[`${kind}Storage`]) || memory;
    return storage !== memory && timeout ? new Shared(storage, timeout, kind) : storage;
  } catch {
    return memory;
  }
}

export const isMemory = (store) => store === memory;

/** Lets go of what a store has open. */
export const close = (store) => store instanceof Shared && store.close();

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
  const area = store instanceof Shared ? store.storage : store;
  const all = area === memory ? [...entries.keys()] : Object.keys(area);
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
