/** The last one in line for each name, on this page. */
const lines = new Map();

/** Waits for a lock. Resolves to the function that lets the next one in, or to undefined where it took too long. */
export async function acquire(name, timeout) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  try {
    return await overTabs(name, abort.signal);
  } catch {
    return abort.signal.aborted ? undefined : await onPage(name, abort.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The lock is held until `release` is called. */
function overTabs(name, signal) {
  return new Promise((granted, refused) => {
    navigator.locks.request(name, { signal }, () => new Promise((release) => granted(release))).catch(refused);
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
    return undefined;
  }
  return () => {
    if (lines.get(name) === mine) lines.delete(name);
    release();
  };
}
