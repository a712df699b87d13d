// src/routes/callback/+page.ts
export const ssr = false; // else SvelteKit fetches the page that it redirects to from your server
