// The API for rooms. Which scopes its calls need is for the API to say: where one is missing, its answer leads to the question.

/** An answer of the API other than success. */
export class ApiError extends Error {
  constructor(status, description) {
    super(description);
    Object.assign(this, { name: 'ApiError', status });
  }
}

/** `fetch` is the client's. It may open a popup: call it in the click. */
export function roomsApi(url, fetch) {
  async function call(path, method, signal) {
    const response = await fetch(`${url}${path}`, { method, onMissing: 'popup', signal });
    if (response.status === 204) return null;
    const answer = await response.json();
    if (!response.ok) throw new ApiError(response.status, answer.error_description);
    return answer;
  }
  return {
    list: async (signal) => (await call('', 'GET', signal)).rooms,
    book: (id, signal) => call(`/${id}/booking`, 'PUT', signal),
    giveBack: (id, signal) => call(`/${id}/booking`, 'DELETE', signal),
    open: (id, signal) => call(`/${id}/door`, 'POST', signal),
  };
}
