/** How long the page that waits may take to say that it has the response, milliseconds. */
const HAND_OVER_TIMEOUT = 1000;
/** After this long the window is one that may not close itself, milliseconds. */
const CLOSE_TIMEOUT = 500;
/** No response is longer. */
const MAX_LENGTH = 1 << 17;

/**
 * Only who knows the state can take part.
 *
 * @param {string} state
 */
const name = (state) => `scopewise:${state}`;

/**
 * Waits for the URL of the answer to a state. Rejects with "aborted", or with what `start` gives up for. What `start`
 * returns is called at the end, whatever it is.
 *
 * @param {string} state
 * @param {AbortSignal | undefined} signal
 * @param {(giveUp: (reason: string) => void) => () => void} start
 * @returns {Promise<string>}
 */
export async function receive(state, signal, start) {
  const channel = new BroadcastChannel(name(state));
  const ended = new AbortController();
  const { signal: end } = ended;
  /** @type {(() => void) | undefined} */
  let stop;
  try {
    return await new Promise((resolve, reject) => {
      const take = (/** @type {unknown} */ text) => {
        const isAnswer = typeof text === 'string' && text !== '' && text.length < MAX_LENGTH;
        if (isAnswer) resolve(text);
        return isAnswer;
      };
      channel.addEventListener('message', ({ data }) => take(data) && channel.postMessage(''));
      window.addEventListener('message', ({ data, origin, source }) => {
        if (origin === location.origin && take(data?.[name(state)])) source?.postMessage(name(state), { targetOrigin: origin });
      }, { signal: end });
      signal?.addEventListener('abort', () => reject('aborted'), { signal: end });
      if (signal?.aborted) reject('aborted');
      else stop = start(reject);
    });
  } finally {
    stop?.();
    ended.abort();
    channel.close();
  }
}

/**
 * Hands a response to the page that waits for it, and closes this window. Resolves only where there is no such page, and
 * this is no popup of the client's, which is of no use any more: its name tells.
 *
 * @param {string} url
 * @param {string} state
 * @returns {Promise<void>}
 */
export function handOver(url, state) {
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(name(state));
    const ended = new AbortController();
    const isFramed = window.top !== window;
    const end = (/** @type {boolean} */ isTaken) => {
      clearTimeout(late);
      channel.close();
      ended.abort();
      if (!isTaken && !window.name.startsWith('scopewise:')) return resolve();
      if (isFramed) return;
      window.close();
      setTimeout(() => document.body.replaceChildren('You can close this window.'), CLOSE_TIMEOUT);
    };
    const late = setTimeout(end, HAND_OVER_TIMEOUT, false);
    channel.addEventListener('message', ({ data }) => data === '' && end(true));
    window.addEventListener('message', ({ data, origin }) => {
      if (origin === location.origin && data === name(state)) end(true);
    }, { signal: ended.signal });
    channel.postMessage(url);
    // Never to another origin, whoever opened or framed this page.
    for (const waiting of [window.opener, isFramed && window.parent]) waiting?.postMessage?.({ [name(state)]: url }, location.origin);
  });
}
