/** A popup that is closed was closed by its user, who came back to this page, after this long there, milliseconds. */
const CLOSED = 1000;
/** One that was not seen at work may be open all the same: the server's page may have cut the tie (Cross-Origin-Opener-Policy). */
const SEVERED = 30_000;

export const isFramed = () => window.top !== window;

/** Whether the browser refused to open the caller's popup. */
export const isBlocked = ({ popup }) => popup === null;

/**
 * Opens a URL in the caller's popup, or in a hidden frame where there is none. Resolves to the URL that the answer to a state
 * came to, or to "A" (aborted), "B" (no popup was opened), "C" (closed), "T" (took too long), or undefined (no frames here).
 */
export async function ask({ popup, signal }, url, state, timeout) {
  if (popup === false) return 'B';
  if (!popup && isFramed()) return;
  const channel = new BroadcastChannel(name(state));
  const ended = new AbortController();
  const { signal: end } = ended;
  const timers = [];
  let frame;
  try {
    return await new Promise((resolve) => {
      const take = (text) => {
        const isAnswer = typeof text === 'string' && text && text.length < 1 << 17;
        if (isAnswer) resolve(text);
        return isAnswer;
      };
      channel.addEventListener('message', ({ data }) => take(data) && channel.postMessage(''));
      window.addEventListener('message', ({ data, origin, source }) => {
        if (origin === location.origin && take(data?.[name(state)])) source?.postMessage(name(state), origin);
      }, { signal: end });
      signal?.addEventListener('abort', () => resolve('A'), { signal: end });
      if (signal?.aborted) return resolve('A');
      if (popup?.closed) return resolve('C');
      if (popup) {
        popup.location.replace(url);
        let seen = 0;
        let gone = 0;
        timers.push(setInterval(() => {
          // For a moment even one whose tie is being cut looks so.
          seen += isAtWork(popup) ? 100 : 0;
          // Whoever is still in the popup, whatever it looks like from here, is not on this page.
          gone = popup.closed && document.hasFocus() ? gone + 100 : 0;
          if (gone > (seen > 500 ? CLOSED : SEVERED)) resolve('C');
        }, 100));
      } else {
        timers.push(setTimeout(resolve, timeout, 'T'));
        frame = document.createElement('iframe');
        frame.hidden = true;
        frame.src = url;
        document.documentElement.append(frame);
      }
    });
  } finally {
    timers.forEach(clearTimeout);
    ended.abort();
    channel.close();
    frame?.remove();
    popup?.close();
  }
}

/** Whether a window is open and has left its first, empty page. */
function isAtWork(popup) {
  try {
    return !popup.closed && popup.location.href !== 'about:blank';
  } catch {
    return true;
  }
}

/**
 * Hands a response to the page that waits for it, and closes this window. Resolves only where there is no such page, and this
 * is no popup of the client's, which is of no use any more: its name tells.
 */
export function handOver(url, state) {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(name(state));
    const ended = new AbortController();
    const end = (isTaken) => {
      clearTimeout(late);
      channel.close();
      ended.abort();
      if (!isTaken && !window.name.startsWith('scopewise:')) return resolve();
      if (isFramed()) return;
      window.close();
      // Where a window may not close itself.
      setTimeout(() => document.body.replaceChildren('You can close this window.'), 500);
    };
    const late = setTimeout(end, 1000);
    channel.addEventListener('message', ({ data }) => data === '' && end(true));
    window.addEventListener('message', ({ data, origin }) => origin === location.origin && data === name(state) && end(true), { signal: ended.signal });
    channel.postMessage(url);
    // Never to another origin, whoever opened or framed this page.
    for (const waiting of [window.opener, isFramed() && window.parent]) waiting?.postMessage?.({ [name(state)]: url }, location.origin);
  });
}

/** Only who knows the state can take part. */
const name = (state) => `scopewise:${state}`;
