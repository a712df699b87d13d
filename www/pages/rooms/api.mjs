// The API for rooms. Which scopes its calls need is for the API to say: where one is missing, its answer leads to the question.
import { bodyOf } from '/shared/api.mjs';

/** `fetch` is the client's. It may open a popup: call it in the click. */
export function roomsApi(url, fetch) {
  const call = async (path, method, signal) => bodyOf(await fetch(`${url}${path}`, { method, onMissing: 'popup', signal }));
  return {
    list: async (signal) => (await call('', 'GET', signal)).rooms,
    book: (id, signal) => call(`/${id}/booking`, 'PUT', signal),
    giveBack: (id, signal) => call(`/${id}/booking`, 'DELETE', signal),
    open: (id, signal) => call(`/${id}/door`, 'POST', signal),
  };
}
