let latest = 0;
let asked = 0;

/** Milliseconds since the epoch. Where the device's clock is put back, a page goes on by its own: what ran out stays so. */
export function stamp() {
  const own = performance.now();
  latest = Math.max(Date.now(), latest + own - asked);
  asked = own;
  return latest;
}

/** When the page was loaded, milliseconds since the epoch. */
export const origin = () => performance.timeOrigin;

/** Seconds since the epoch. */
export const now = () => stamp() / 1000;

/** What a promise comes to; undefined where it takes longer than this many milliseconds. */
export async function within(milliseconds, promise) {
  let timer;
  try {
    return await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  } finally {
    clearTimeout(timer);
  }
}
