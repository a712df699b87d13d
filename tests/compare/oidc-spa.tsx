import { decodeJwt } from 'oidc-spa/decode-jwt';
import { oidcEarlyInit } from 'oidc-spa/entrypoint';
import { oidcSpa } from 'oidc-spa/react-spa';
import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { api, entriesOf, issuer, place, resource, walk, type Entry } from './page.js';

const WRITE = 'write:appointments';
const scopes = ['profile', 'read:appointments'];

const { bootstrapOidc, getOidc, useOidc, OidcInitializationGate } = oidcSpa.createUtils();

function Diary() {
  const { isUserLoggedIn, decodedIdToken, initializationError, login, logout } = useOidc();
  return (
    <>
      {initializationError && <p role="alert">{initializationError.message}</p>}
      {isUserLoggedIn ? (
        <>
          <p>{String(decodedIdToken.name)} <button onClick={() => logout({ redirectTo: 'home' })}>Sign out</button></p>
          <Appointments />
        </>
      ) : <button onClick={() => login()}>Sign in</button>}
    </>
  );
}

async function getToken() {
  const { getAccessToken } = await getOidc({ assert: 'user logged in' });
  return getAccessToken();
}

async function call(init: RequestInit = {}) {
  return fetch(`${api}/appointments`, { ...init, headers: { ...init.headers, authorization: `Bearer ${await getToken()}` } });
}

function Appointments() {
  const { goToAuthServer } = useOidc({ assert: 'user logged in' });
  const [entries, setEntries] = useState<Entry[]>([]);
  const [granted, setGranted] = useState<boolean>();

  /** Only the token itself says which scopes there are, where it is a JWT. */
  async function check() {
    const { scope = '' } = decodeJwt<{ scope?: string }>(await getToken());
    setGranted(scope.split(' ').includes(WRITE));
  }

  const load = async () => setEntries(await entriesOf(await call()));
  useEffect(() => void Promise.all([load(), check()]), []);

  async function add() {
    // Leaves the page. Whoever comes back clicks once more; that somebody was asked is in the address, since a no leaves no other trace.
    if (!granted) return goToAuthServer({ extraQueryParams: { scope: ['openid', ...scopes, WRITE].join(' ') }, redirectUrl: `${place}?asked` });
    await call(walk());
    await load();
  }

  return (
    <>
      <button onClick={add}>Add a walk</button>
      {granted === false && location.search === '?asked' && <p role="status">Nothing was added: this may only read.</p>}
      <ul>{entries.map(({ id, title }) => <li key={id}>{title}</li>)}</ul>
    </>
  );
}

const { shouldLoadApp } = oidcEarlyInit({ BASE_URL: place });
if (shouldLoadApp) {
  bootstrapOidc({ implementation: 'real', issuerUri: issuer, clientId: 'compared', scopes, extraQueryParams: { resource }, extraTokenParams: { resource } });
  createRoot(document.getElementById('app')!).render(<OidcInitializationGate><Diary /></OidcInitializationGate>);
}
