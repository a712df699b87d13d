/** A popup that was seen alive is closed, and its user gone, after this long, milliseconds. */
const CLOSED = 1000;
/** Of one that was never seen nobody knows: the server's page may have cut the tie to it (Cross-Origin-Opener-Policy). */
const SEVERED = 60_000;

export const isFramed = () => window.top !== window;

/**
 * Opens a URL in the caller's popup, or in a hidden frame where there is none. Resolves to the URL that the answer to a state
 * came to, or to "C" (closed), "T" (took too long), "F" (no frames here), or undefined (aborted).
 */
export async function ask({ popup, signal }, url, state, timeout) {
  if (!popup && isFramed()) return 'F';
  const channel = new BroadcastChannel(name(state));
  const ended = new AbortController();
  let frame;
  let timers = [];
  try {
    return await new Promise((resolve) => {
      const take = (text) => typeof text === 'string' && text.length < 1 << 17 && resolve(text);
      const { signal: end } = ended;
      channel.addEventListener('message', ({ data }) => {
        if (data === '') return;
        channel.postMessage('');
        take(data);
      });
      window.addEventListener('message', ({ data, origin, source }) => {
        if (origin !== location.origin || typeof data !== 'object' || data?.[name(state)] === undefined) return;
        source.postMessage(name(state), origin);
        take(data[name(state)]);
      }, { signal: end });
      signal?.addEventListener('abort', () => resolve(), { signal: end });
      if (signal?.aborted) return resolve();
      if (popup) {
        popup.location.replace(url);
        let seen = false;
        let gone = 0;
        timers.push(setInterval(() => {
          seen ||= isElsewhere(popup);
          gone = popup.closed ? gone + 100 : 0;
          if (gone > (seen ? CLOSED : SEVERED)) resolve('C');
        }, 100));
      } else {
        timers.push(setTimeout(resolve, timeout, 'T'));
        frame = document.createElement('iframe');
        frame.hidden = true;
        frame.src = url;
        document.body.append(frame);
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

/** Whether an open window shows a page of another origin. */
function isElsewhere(popup) {
  try {
    return !popup.location.href;
  } catch {
    return !popup.closed;
  }
}

/** Hands a response to the page that waits for it, and closes this window. Resolves only where there is no such page. */
export function handOver(url, state) {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(name(state));
    const late = setTimeout(() => {
      channel.close();
      resolve();
    }, 1000);
    const taken = () => {
      clearTimeout(late);
      channel.close();
      if (isFramed()) return;
      window.close();
      // A window whose tie to its opener was cut may not close itself.
      setTimeout(() => document.body.replaceChildren('Done. You can close this window.'), 500);
    };
    channel.addEventListener('message', ({ data }) => data === '' && taken());
    window.addEventListener('message', ({ data, origin }) => origin === location.origin && data === name(state) && taken());
    channel.postMessage(url);
    // Never to another origin, whoever opened or framed this page.
    for (const waiting of [window.opener, isFramed() && window.parent]) waiting?.postMessage?.({ [name(state)]: url }, location.origin);
  });
}

/** Only who knows the state can take part. */
const name = (state) => `scopewise:${state}`;
