/** The last one in line for each name, on this page. */
const lines = new Map();
/** What lets the next one in, for each name that is held here. */
const held = new Map();

/**
 * Waits for a lock; with no time to wait, takes it where no other page has it. Resolves to "y", or to undefined where it
 * took too long.
 */
export async function acquire(name, timeout) {
  if (!timeout && held.has(name)) return 'y';
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  if (!timeout) abort.abort();
  try {
    held.set(name, await overTabs(name, abort.signal).catch(() => abort.signal.throwIfAborted() ?? onPage(name, abort.signal)));
    return 'y';
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether other tabs wait, too. */
export const isShared = () => !!globalThis.navigator.locks;

/** Lets the next one in. */
export function release(name) {
  held.get(name)?.();
  held.delete(name);
}

/** The lock is held until `release` is called. */
function overTabs(name, signal) {
  return new Promise((granted, refused) => {
    const how = signal.aborted ? { ifAvailable: true } : { signal };
    navigator.locks.request(name, how, (lock) => lock && new Promise((release) => granted(release))).then(refused, refused);
  });
}

/** Where there are no Web Locks, or a page without an origin may not use them. */
async function onPage(name, signal) {
  const before = lines.get(name);
  let release;
  const mine = new Promise((resolve) => (release = resolve));
  lines.set(name, mine);
  const late = new Promise((resolve) => signal.addEventListener('abort', () => resolve(true)));
  if (await Promise.race([before, late])) {
    // The place in line is given up when its turn comes.
    before.then(release);
    throw late;
  }
  return () => {
    if (lines.get(name) === mine) lines.delete(name);
    release();
  };
}
