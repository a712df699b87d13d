import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from 'scopewise';
import { ScopewiseProvider, afterCallback, useApi, useAuth, useScope } from 'scopewise/react';
import { api, entriesOf, issuer, place, resource, walk, type Entry } from './page.js';

const client = afterCallback(createClient({
  issuer,
  resource,
  clientId: 'compared',
  redirectUri: place,
  scope: 'openid profile read:appointments',
  apis: { [api]: { resource } },
}));

function Diary() {
  const { status, session, error, signIn, signOut } = useAuth();
  if (status === 'loading') return null;
  return (
    <>
      {error instanceof Error && <p role="alert">{error.message}</p>}
      {status === 'signed-in' ? (
        <>
          <p>{session?.claims?.name} <button onClick={() => signOut({ returnTo: place })}>Sign out</button></p>
          <Appointments />
        </>
      ) : <button onClick={() => signIn()}>Sign in</button>}
    </>
  );
}

function Appointments() {
  const fetch = useApi();
  const { granted, status, pending, request } = useScope('write:appointments', { dialog: false });
  const [entries, setEntries] = useState<Entry[]>([]);
  const load = async () => setEntries(await entriesOf(await fetch(`${api}/appointments`)));
  useEffect(() => void load(), [fetch]);

  async function add() {
    if (!granted && !(await request())) return;
    await fetch(`${api}/appointments`, walk());
    await load();
  }

  return (
    <>
      <button disabled={pending} onClick={add}>Add a walk</button>
      {status === 'denied' && <p role="status">Nothing was added: this may only read.</p>}
      <ul>{entries.map(({ id, title }) => <li key={id}>{title}</li>)}</ul>
    </>
  );
}

createRoot(document.getElementById('app')!).render(<ScopewiseProvider client={client}><Diary /></ScopewiseProvider>);
