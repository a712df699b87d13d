export const href = () => location.href;

/** An absolute, normalised URL; undefined where the text is none. */
export function resolve(url) {
  try {
    return new URL(url, location.href).href;
  } catch {
    return undefined;
  }
}

/** Puts another URL into the address bar. No new history entry, and the page's own history state stays. */
export function replace(url) {
  try {
    history.replaceState(history.state, '', url);
  } catch {
    // Browsers limit how often a page may do so; the response is used up all the same.
  }
}

/** Whether there is no network at all. */
export const isOffline = () => navigator.onLine === false;

/** Leaves the page. False where the browser refuses. */
export function leave(url) {
  try {
    location.assign(url);
    return true;
  } catch {
    return false;
  }
}

export const isAborted = ({ signal }) => signal?.aborted === true;
