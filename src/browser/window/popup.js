import { receive } from './relay.js';

/** A popup that is closed was closed by its user, who came back to this page, after this long there, milliseconds. */
const POPUP_CLOSE_GRACE = 1000;
/** One that was not seen at work may be open all the same: the server's page may have cut the tie (Cross-Origin-Opener-Policy). */
const COOP_CLOSE_GRACE = 30_000;
/** How often the popup is looked at, milliseconds. */
const LOOK_INTERVAL = 100;
/** For a moment even a popup whose tie is being cut looks as if it was at work, milliseconds. */
const MIN_AT_WORK = 500;

/**
 * Waits for the URL of the answer to a state from a popup that was sent to the server. Rejects with "aborted" or "closed".
 * The popup is closed afterwards.
 *
 * @param {Window} popup
 * @param {string} state
 * @param {AbortSignal | undefined} signal
 */
export async function ask(popup, state, signal) {
  try {
    return await receive(state, signal, (giveUp) => {
      if (popup.closed) giveUp('closed');
      let seen = 0;
      let gone = 0;
      const timer = setInterval(() => {
        seen += isAtWork(popup) ? LOOK_INTERVAL : 0;
        // Whoever is still in the popup, whatever it looks like from here, is not on this page.
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
