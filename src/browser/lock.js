/** The last one in line for each name, on this page. */
const lines = new Map();

/** Waits for a lock. Resolves to the function that lets the next one in, or to undefined where it took too long. */
export async function acquire(name, timeout) {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), timeout);
  try {
    return await overTabs(name, abort.signal);
  } catch {
    return abort.signal.aborted ? undefined : onPage(name);
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
async function onPage(name) {
  const before = lines.get(name);
  let release;
  const mine = new Promise((resolve) => (release = resolve));
  lines.set(name, mine);
  await before;
  return () => {
    if (lines.get(name) === mine) lines.delete(name);
    release();
  };
}
