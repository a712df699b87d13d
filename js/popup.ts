import { AuthError } from './error.js';

/** Opens an empty popup: in the click, before anything is awaited. Later the browser would block it. */
export function openPopup(): Window {
  const popup = window.open('about:blank', '_blank', 'popup,width=500,height=700');
  if (popup) return popup;
  throw new AuthError({ code: 'popup_blocked', message: 'The browser blocked the popup. Call it in a click, or use mode redirect.' });
}
