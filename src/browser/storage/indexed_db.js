/** What the database and its only store are called. */
const NAME = 'scopewise';

/** The database in the shape of Web Storage, with promises. Throws where the page may not use it. */
export function database() {
  return new Database(indexedDB);
}

class Database {
  /** @type {Promise<IDBDatabase> | undefined} */
  #opened;

  /** @param {IDBFactory} factory */
  constructor(factory) {
    this.factory = factory;
  }

  /** @param {string} key */
  getItem(key) {
    return this.#ask('readonly', (store) => store.get(key));
  }

  /**
   * @param {string} key
   * @param {string} text
   */
  setItem(key, text) {
    return this.#ask('readwrite', (store) => store.put(text, key));
  }

  /**
   * Keeps a value, unless there is a sound one already, and resolves to the one that is there then.
   *
   * @template T
   * @param {string} key
   * @param {T} value
   * @param {(held: unknown) => held is T} isSound
   * @returns {Promise<T>}
   */
  async keep(key, value, isSound) {
    const held = await this.#ask('readwrite', (store) => {
      const request = store.get(key);
      request.onsuccess = () => {
        if (isSound(request.result)) return;
        try {
          store.put(value, key);
        } catch {
          // Not every browser keeps keys, in private windows above all.
          store.transaction.abort();
        }
      };
      return request;
    });
    return isSound(held) ? held : value;
  }

  /** @param {string} key */
  removeItem(key) {
    return this.#ask('readwrite', (store) => store.delete(key));
  }

  /**
   * Resolves once it is done for good. A database that went away is opened once more.
   *
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest} work
   * @returns {Promise<unknown>}
   */
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

  /** @returns {Promise<IDBDatabase>} */
  #open() {
    return new Promise((resolve, reject) => {
      const request = this.factory.open(NAME, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(NAME);
      request.onsuccess = () => {
        const opened = request.result;
        // Closed at once, so that who deletes or upgrades the database does not wait for this page.
        opened.onversionchange = opened.onclose = () => {
          opened.close();
          this.#opened = undefined;
        };
        resolve(opened);
      };
      request.onerror = request.onblocked = () => reject(request.error);
    });
  }
}
