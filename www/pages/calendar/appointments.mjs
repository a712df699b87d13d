// The appointments API: fetch with the access token of the moment, which asks for a scope where one is missing.
import { bodyOf } from '/shared/api.mjs';

/** `fetch` is the client's. What changes something opens a popup if need be: call it in the click. */
export function appointments(url, fetch) {
  const call = async (path, options) => bodyOf(await fetch(`${url}/appointments${path}`, options));
  return {
    list: async () => (await call('', { scope: 'read:appointments' })).appointments,
    add: (draft, signal) => call('', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(draft),
      scope: 'write:appointments',
      onMissing: 'popup',
      signal,
    }),
    remove: (id, signal) => call(`/${encodeURIComponent(id)}`, {
      method: 'DELETE',
      scope: 'delete:appointments',
      onMissing: 'popup',
      signal,
    }),
  };
}
