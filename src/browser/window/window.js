/** A popup that is closed was closed by its user, who came back to this page, after this long there, milliseconds. */
const POPUP_CLOSE_GRACE = 1000;
/** One that was not seen at work may be open all the same: the server's page may have cut the tie (Cross-Origin-Opener-Policy). */
const COOP_CLOSE_GRACE = 30_000;
/** How often the popup is looked at, milliseconds. */
const LOOK_INTERVAL = 100;
/** For a moment even a popup whose tie is being cut looks as if it was at work, milliseconds. */
const MIN_AT_WORK = 500;
/** How long the page that waits may take to say that it has the response, milliseconds. */
const HAND_OVER_TIMEOUT = 1000;
/** After this long the window is one that may not close itself, milliseconds. */
const CLOSE_TIMEOUT = 500;
/** Longer messages are no response. */
const MAX_LENGTH = 1 << 17;

/** How the names begin of popups, and of what a response comes by. */
const PREFIX = 'scopewise:';

/**
 * Whether a window of this name is a popup of the client's.
 *
 * @param {string} name
 */
export const isPopupName = (name) => name.startsWith(PREFIX);

/**
 * The name of the channel, lock and messages by which the response to a state comes: only who knows the state can take part.
 *
 * @param {string} state
 */
export const responseName = (state) => PREFIX + state;

/**
 * Says by a lock that an answer is waited for: whoever has it knows so at once, also where nothing else ties the windows.
 * Returns what ends that.
 *
 * @param {string} state
 */
function sayAwaited(state) {
  /** @type {(ended?: undefined) => void} */
  let end = () => {};
  const ended = new Promise((resolve) => (end = resolve));
  navigator.locks?.request(responseName(state), () => ended).catch(() => {});
  return end;
}

/**
 * Whether a page waits for the answer to a state; undefined where there are no locks, which alone can tell.
 *
 * @param {string} state
 */
async function isAwaited(state) {
  try {
    return await navigator.locks.request(responseName(state), { mode: 'shared', ifAvailable: true }, (lock) => !lock);
  } catch {
    return undefined;
  }
}

/**
 * Waits for the URL of the answer to a state. Rejects with "aborted", or with what `start` gives up for. What `start`
 * returns is called at the end, whatever it is.
 *
 * @param {string} state
 * @param {AbortSignal | undefined} signal
 * @param {(giveUp: (reason: string) => void) => () => void} start
 * @returns {Promise<string>}
 */
async function receive(state, signal, start) {
  const channel = new BroadcastChannel(responseName(state));
  const ended = new AbortController();
  const { signal: end } = ended;
  const endAwaited = sayAwaited(state);
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
        if (origin !== location.origin || !take(data?.[responseName(state)])) return;
        // Only a window sends messages to a window.
        /** @type {Window | null} */ (source)?.postMessage(responseName(state), origin);
      }, { signal: end });
      signal?.addEventListener('abort', () => reject('aborted'), { signal: end });
      if (signal?.aborted) reject('aborted');
      else stop = start(reject);
    });
  } finally {
    stop?.();
    endAwaited();
    ended.abort();
    channel.close();
  }
}

/** Opens an empty popup. Nothing where the browser refuses, as it does outside of a click. */
export function openPopup() {
  // A name of its own, so that no other popup is reused.
  const popup = window.open('about:blank', PREFIX + Math.random(), 'popup,width=500,height=700');
  // Some blockers let it open and close it at once.
  return popup?.closed ? null : popup;
}

/**
 * The `setInterval` that zone.js, which Angular may come with, keeps of the platform's. Its own one counts: with each look at a popup
 * the application would look for changes.
 *
 * @returns {typeof setInterval}
 */
function plainInterval() {
  /** @type {any} */
  const global = globalThis;
  return global[global.Zone?.__symbol__?.('setInterval')] ?? setInterval;
}

/**
 * Waits for the URL of the answer to a state from a popup that was sent to the server. Rejects with "aborted" or "closed".
 * The popup is closed afterwards.
 *
 * @param {Window} popup
 * @param {string} state
 * @param {AbortSignal | undefined} signal
 */
export async function askPopup(popup, state, signal) {
  try {
    return await receive(state, signal, (giveUp) => {
      if (popup.closed) giveUp('closed');
      let seen = 0;
      let gone = 0;
      const timer = plainInterval()(() => {
        seen += isAtWork(popup) ? LOOK_INTERVAL : 0;
        // A popup that looks closed may be open. While the user is in it, this page has no focus.
        gone = popup.closed && document.hasFocus() ? gone + LOOK_INTERVAL : 0;
        if (gone > (seen > MIN_AT_WORK ? POPUP_CLOSE_GRACE : COOP_CLOSE_GRACE)) giveUp('closed');
      }, LOOK_INTERVAL);
      return () => clearInterval(timer);
    });
  } finally {
    popup.close();
  }
}

/**
 * Whether a window is open and has left its first, empty page.
 *
 * @param {Window} popup
 */
function isAtWork(popup) {
  try {
    return !popup.closed && popup.location.href !== 'about:blank';
  } catch {
    return true;
  }
}

/**
 * Opens a URL in a hidden frame and waits for the URL of the answer to a state. Rejects with "aborted" or "timeout".
 *
 * @param {string} url
 * @param {string} state
 * @param {AbortSignal | undefined} signal
 * @param {number} timeout milliseconds
 */
export function askFrame(url, state, signal, timeout) {
  return receive(state, signal, (giveUp) => {
    const timer = setTimeout(giveUp, timeout, 'timeout');
    const frame = document.createElement('iframe');
    frame.hidden = true;
    // In one without a name of its own WebKit shows what was there before, on a page that the back button loads anew.
    frame.name = `${Math.random()}`;
    frame.src = url;
    document.documentElement.append(frame);
    return () => {
      clearTimeout(timer);
      frame.remove();
    };
  });
}

/**
 * Hands a response to the page that waits for it, and closes this window. Resolves only where there is no such page, and
 * this is no popup of the client's, which is of no use any more.
 *
 * @param {string} url
 * @param {string} state
 * @param {boolean} [isPopup]
 * @returns {Promise<void>}
 */
export async function handOver(url, state, isPopup = isPopupName(window.name)) {
  const isForOther = isPopup || await isAwaited(state);
  if (isForOther === false) return;
  return new Promise((resolve) => {
    const channel = new BroadcastChannel(responseName(state));
    const ended = new AbortController();
    const isFramed = window.top !== window;
    const end = (/** @type {boolean} */ isTaken) => {
      clearTimeout(late);
      channel.close();
      ended.abort();
      // A page that waits has it, however busy or frozen it is now.
      if (!isTaken && !isForOther) return resolve();
      if (isFramed) return;
      window.close();
      setTimeout(() => document.body.replaceChildren('You can close this window.'), CLOSE_TIMEOUT);
    };
    const late = setTimeout(end, HAND_OVER_TIMEOUT, false);
    channel.addEventListener('message', ({ data }) => data === '' && end(true));
    window.addEventListener('message', ({ data, origin }) => {
      if (origin === location.origin && data === responseName(state)) end(true);
    }, { signal: ended.signal });
    channel.postMessage(url);
    // Never to another origin, whoever opened or framed this page.
    for (const waiting of [window.opener, isFramed && window.parent]) waiting?.postMessage?.({ [responseName(state)]: url }, location.origin);
  });
}
