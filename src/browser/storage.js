/** Gone with the page; shared by all clients on it, as the others are. */
const entries = new Map();
const memory = {
  getItem: (key) => entries.get(key) ?? null,
  setItem: (key, text) => void entries.set(key, text),
  removeItem: (key) => void entries.delete(key),
};

/** sessionStorage or localStorage; this page's memory for "memory", and where the page may not use the other. */
export function open(kind) {
  try {
    const store = kind === 'memory' ? memory : window[`${kind}Storage`];
    return store ?? memory;
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
 * The same for any store, the application's own too, which may be slow, throw or never answer.
 * Resolves to "=" and the text, to "" for none, or to undefined where the store refuses.
 */
export async function ask(store, method, key, text, timeout) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, timeout)));
  const answer = async () => {
    const found = await store[method](key, text);
    return method === 'getItem' && typeof found === 'string' ? `=${found}` : '';
  };
  try {
    return await Promise.race([late, answer()]);
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}
