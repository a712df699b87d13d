// Rendered here only: else SvelteKit loads the page that it redirects to from the server.
export const ssr = false;
