/** Opens an empty popup, or null: in the click, before anything is awaited. Later the browser would block it. */
export function openPopup(): Window | null {
  // No two have the same name.
  return window.open('about:blank', `scopewise:${Math.random()}`, 'popup,width=500,height=700');
}
