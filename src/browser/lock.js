/**
 * How to give back each lock that is held. It is not in the module's memory, for a module that has trapped gives nothing
 * back any more.
 *
 * @type {Set<() => void>}
 */
const held = new Set();

/** Whether the module has trapped: a lock that is granted only then is not for anybody. */
let isOver = false;

/**
 * Waits for a Web Lock, which is held until the signal says no more. So who does not wait any more gives up the place in
 * line, or the lock that comes all the same. Rejects where there are no Web Locks, or the page may not use them.
 *
 * @param {string} name
 * @param {LockMode} mode
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function hold(name, mode, signal) {
  return new Promise((resolve, reject) => {
    // The browser holds the lock until the promise settles.
    const granted = () => new Promise((/** @type {(value?: unknown) => void} */ settle) => {
      if (signal.aborted || isOver) return settle();
      const release = () => {
        held.delete(release);
        settle();
      };
      held.add(release);
      signal.onabort = release;
      resolve();
    });
    navigator.locks.request(name, { mode, signal }, granted).catch(reject);
  });
}

/** Gives back all locks, also those that are still to come, on behalf of a module that has trapped. */
export function releaseAll() {
  isOver = true;
  for (const release of held) release();
}
