// What is registered at the providers: the demo's apps, and the APIs that they may ask for.
export const RESOURCE = 'urn:scopewise-demo:calendar';
export const API_SCOPES = ['read:appointments', 'write:appointments', 'delete:appointments'];

/** The type of authorization details that the API knows. */
export const DETAILS_TYPE = 'calendar';

/** The API for rooms, which is called by where it is (RFC 9728). */
export const roomsOf = (issuer) => `${issuer}/rooms`;
export const ROOM_SCOPES = ['read:rooms', 'book:rooms', 'open:doors'];

/** Almanac's API, called in the same way. */
export const eventsOf = (issuer) => `${issuer}/events`;
export const EVENT_SCOPES = ['events:read'];

/** A public client without a secret: a browser app cannot keep one. */
const app = (origin) => (client_id, client_name, path) => ({
  client_id,
  client_name,
  redirect_uris: [`${origin}${path}`],
  post_logout_redirect_uris: [`${origin}${path}`],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
});

/** Harbor ID's. */
export function demoClients(origin, more = []) {
  const own = [
    ['welcome-app', 'Plume', '/welcome/'],
    ['calendar-app', 'Daybook', '/calendar/'],
    ['rooms-app', 'Foyer', '/rooms/'],
    ['react-app', 'Diary with React', '/react/'],
    ['vue-app', 'Diary with Vue', '/vue/'],
    ['svelte-app', 'Diary with Svelte', '/svelte/'],
    ['angular-app', 'Diary with Angular', '/angular/'],
    ['own-app', 'Your own app', '/your-provider/'],
  ].map((row) => ({ ...app(origin)(...row), authorization_details_types: [DETAILS_TYPE] }));
  return [...new Map([...own, ...more].map((client) => [client.client_id, client])).values()];
}

/** Almanac's: Daybook comes back to the same page from both. */
export const almanacClients = (origin) => [app(origin)('daybook', 'Daybook', '/calendar/')];

export const originsOf = (clients) => [...new Set(clients.flatMap((client) => client.redirect_uris.map((uri) => new URL(uri).origin)))];
