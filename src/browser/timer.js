/**
 * Calls a function after some milliseconds, by the platform's own `setTimeout`. zone.js, which Angular may come with, puts one
 * there that counts: an application would not be at rest before its token ends.
 *
 * @param {() => void} work
 * @param {number} milliseconds
 */
export function setTimer(work, milliseconds) {
  const page = /** @type {any} */ (globalThis);
  const kept = page.Zone?.__symbol__?.('setTimeout');
  return ((kept && page[kept]) || setTimeout)(work, milliseconds);
}
