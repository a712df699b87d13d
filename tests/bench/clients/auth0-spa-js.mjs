// auth0-spa-js, as the benchmark drives every client. It has no sessionStorage; localStorage costs the same.
import { createAuth0Client } from '@auth0/auth0-spa-js';

export async function open({ origin, clientId, redirectUri, scope }) {
  const authorizationParams = { redirect_uri: redirectUri, scope };
  const client = await createAuth0Client({ domain: origin, clientId, cacheLocation: 'localstorage', useRefreshTokens: true, authorizationParams });
  return {
    signIn: (more) => client.loginWithRedirect({ authorizationParams: more }),
    popup: (more) => client.loginWithPopup({ authorizationParams: more }),
    callback: () => client.handleRedirectCallback(),
    token: () => client.getTokenSilently(),
    refresh: () => client.getTokenSilently({ cacheMode: 'off' }),
  };
}
