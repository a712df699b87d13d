import { Auth0Provider, OAuthError, useAuth0 } from '@auth0/auth0-react';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { api, entriesOf, issuer, place, resource, walk, type Entry } from './page.js';

const WRITE = 'write:appointments';
const redirect_uri = location.origin + place;

function Diary() {
  const { isLoading, isAuthenticated, user, error, loginWithRedirect, logout } = useAuth0();
  if (isLoading) return null;
  return (
    <>
      {error && <p role="alert">{error.message}</p>}
      {isAuthenticated ? (
        <>
          <p>{user?.name} <button onClick={() => logout({ logoutParams: { returnTo: redirect_uri } })}>Sign out</button></p>
          <Appointments />
        </>
      ) : <button onClick={() => loginWithRedirect()}>Sign in</button>}
    </>
  );
}

function Appointments() {
  const { getAccessTokenSilently, getAccessTokenWithPopup } = useAuth0();
  const [entries, setEntries] = useState<Entry[]>([]);
  const [granted, setGranted] = useState(false);
  const [denied, setDenied] = useState(false);
  const [pending, setPending] = useState(false);

  async function call(init: RequestInit = {}, scope?: string) {
    const token = await getAccessTokenSilently(scope ? { authorizationParams: { scope } } : {});
    return fetch(`${api}/appointments`, { ...init, headers: { ...init.headers, authorization: `Bearer ${token}` } });
  }

  /** Looks for a token with the scope, and asks nobody. The server says which scopes there are where they are not those of the request. */
  async function check() {
    const held = await getAccessTokenSilently({ authorizationParams: { scope: WRITE }, cacheMode: 'cache-only', detailedResponse: true });
    const isThere = held !== undefined && (held.scope ?? WRITE).split(' ').includes(WRITE);
    setGranted(isThere);
    return isThere;
  }

  const load = async () => setEntries(await entriesOf(await call()));
  useEffect(() => void Promise.all([load(), check()]), [getAccessTokenSilently]);

  async function add() {
    setPending(true);
    try {
      if (!granted) await getAccessTokenWithPopup({ authorizationParams: { scope: WRITE } });
      const isThere = await check();
      setDenied(!isThere);
      if (!isThere) return;
      await call(walk(), WRITE);
      await load();
    } catch (error) {
      // Whoever closes the popup does not need to be told.
      if (!(error instanceof OAuthError) || !['access_denied', 'cancelled'].includes(error.error)) throw error;
      setDenied(error.error === 'access_denied');
    } finally {
      setPending(false);
    }
  }

  return (
    <>
      <button disabled={pending} onClick={add}>Add a walk</button>
      {denied && <p role="status">Nothing was added: this may only read.</p>}
      <ul>{entries.map(({ id, title }) => <li key={id}>{title}</li>)}</ul>
    </>
  );
}

createRoot(document.getElementById('app')!).render(
  <Auth0Provider
    domain={new URL(issuer).host}
    clientId="compared"
    authorizationParams={{ redirect_uri, audience: resource, scope: 'openid profile read:appointments' }}
    useRefreshTokens
    cacheLocation="localstorage"
  >
    <Diary />
  </Auth0Provider>,
);
