import { receive } from './relay.js';

/**
 * Opens a URL in a hidden frame and waits for the URL of the answer to a state. Rejects with "aborted" or "timeout".
 *
 * @param {string} url
 * @param {string} state
 * @param {AbortSignal | undefined} signal
 * @param {number} timeout milliseconds
 */
export function ask(url, state, signal, timeout) {
  return receive(state, signal, (giveUp) => {
    const timer = setTimeout(giveUp, timeout, 'timeout');
    const frame = document.createElement('iframe');
    frame.hidden = true;
    frame.src = url;
    document.documentElement.append(frame);
    return () => {
      clearTimeout(timer);
      frame.remove();
    };
  });
}
