// The appointments API: fetch with the access token of the moment, which asks for a scope where one is missing.

/** An answer of the API other than success. */
export class ApiError extends Error {
  constructor(status, description) {
    super(description);
    Object.assign(this, { name: 'ApiError', status });
  }
}

/** `fetch` is the client's. What changes something opens a popup if need be: call it in the click. */
export function appointments(url, fetch) {
  async function call(path, options) {
    const response = await fetch(`${url}/appointments${path}`, options);
    if (response.status === 204) return null;
    const answer = await response.json();
    if (!response.ok) throw new ApiError(response.status, answer.error_description);
    return answer;
  }
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
