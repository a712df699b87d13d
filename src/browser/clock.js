export const now = () => Date.now() / 1000;

/** What a promise comes to; undefined where it takes longer than this many milliseconds. */
export async function within(milliseconds, promise) {
  let timer;
  try {
    return await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)))]);
  } finally {
    clearTimeout(timer);
  }
}
