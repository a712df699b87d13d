// What the demo's APIs answer.

/** An answer other than success. */
export class ApiError extends Error {
  constructor(status, description) {
    super(description);
    Object.assign(this, { name: 'ApiError', status });
  }
}

/** The JSON of an answer; null where there is none to a success. */
export async function bodyOf(response) {
  if (response.status === 204) return null;
  const body = await response.json();
  if (!response.ok) throw new ApiError(response.status, body.error_description);
  return body;
}
