// The appointments API: plain fetch with the access token of the moment.

/** An answer other than success. `scope` is what the API wants and the token lacks. */
export class ApiError extends Error {
  constructor(status, description, scope) {
    super(description);
    Object.assign(this, { name: 'ApiError', status, scope });
  }
}

export function appointments(url, client) {
  async function call(scope, method, path = '', body) {
    const token = await client.getAccessToken({ scope });
    const response = await fetch(`${url}/appointments${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      body: body && JSON.stringify(body),
    });
    if (response.status === 204) return null;
    const answer = await response.json();
    if (response.ok) return answer;
    const [, wanted] = /error="insufficient_scope".*scope="([^"]+)"/.exec(response.headers.get('www-authenticate') ?? '') ?? [];
    throw new ApiError(response.status, answer.error_description, wanted);
  }
  return {
    list: async () => (await call('read:appointments', 'GET')).appointments,
    add: (draft) => call('write:appointments', 'POST', '', draft),
    remove: (id) => call('delete:appointments', 'DELETE', `/${encodeURIComponent(id)}`),
  };
}
