// What is registered at the authorization server: the demo's apps and their API.
export const RESOURCE = 'urn:scopewise-demo:calendar';
export const API_SCOPES = ['read:appointments', 'write:appointments', 'delete:appointments'];

/** The type of authorization details that the API knows. */
export const DETAILS_TYPE = 'calendar';

/** Public clients without a secret: a browser app cannot keep one. */
export function demoClients(origin, more = []) {
  const app = (client_id, client_name, path) => ({
    client_id,
    client_name,
    redirect_uris: [`${origin}${path}`],
    post_logout_redirect_uris: [`${origin}${path}`],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    authorization_details_types: [DETAILS_TYPE],
  });
  const clients = [
    app('welcome-app', 'Plume', '/welcome/'),
    app('calendar-app', 'Daybook', '/calendar/'),
    app('own-app', 'Your own app', '/your-provider/'),
    app('react-app', 'Diary with React', '/react/'),
    app('vue-app', 'Diary with Vue', '/vue/'),
    app('svelte-app', 'Diary with Svelte', '/svelte/'),
    ...more,
  ];
  return [...new Map(clients.map((client) => [client.client_id, client])).values()];
}

export const originsOf = (clients) => [...new Set(clients.flatMap((client) => client.redirect_uris.map((uri) => new URL(uri).origin)))];
