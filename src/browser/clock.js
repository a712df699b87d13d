let latest = 0;
let ahead = 0;

/** Seconds since the epoch. Where the device's clock is put back, a page goes on from where it was: what ran out stays so. */
export function now() {
  const time = Date.now();
  if (time + ahead < latest) ahead = latest - time;
  latest = time + ahead;
  return latest / 1000;
}

/** Milliseconds since the epoch. */
export const stamp = () => Date.now();

/** What a promise comes to; undefined where it takes longer than this many milliseconds. */
export async function within(milliseconds, promise) {
  let timer;
  try {
    return await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  } finally {
    clearTimeout(timer);
  }
}
