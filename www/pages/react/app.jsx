import { useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createClient } from 'scopewise';
import { ScopewiseProvider, afterCallback, useApi, useAuth, useScope, useScopeUpdate } from 'scopewise/react';
import { api, issuer, resource, scopes, walk, when } from '../diary/diary.mjs';

const client = afterCallback(createClient({
  issuer, resource, scopes,
  clientId: 'react-app',
  redirectUri: '/react/',
  scope: 'openid profile read:appointments',
  apis: { [api]: { resource } },
  rememberScopes: true,
}));

function Diary() {
  const { status, session, error, signIn, signOut } = useAuth();
  if (status === 'loading') return null;
  return (
    <>
      <div className="appbar">
        <p className="logo">Diary</p>
        {status === 'signed-in' && <div className="account"><span>{session.claims.name}</span> <button className="plain" onClick={() => signOut({ returnTo: '/react/' })}>Sign out</button></div>}
      </div>
      {error && <p className="notice error" role="alert">{error.message}</p>}
      {status === 'signed-in' ? <><News /><Appointments /></> : <><h1>Your days, at a glance</h1><p><button className="primary" onClick={() => signIn()}>Sign in with Harbor ID</button></p></>}
    </>
  );
}

function News() {
  const { visible, descriptions: [email], pending, update, dismiss } = useScopeUpdate(['openid', 'profile', 'read:appointments', 'email'], { notNow: 'session' });
  if (!visible) return null;
  return (
    <aside className="news">
      <p><strong>New: reminders.</strong> {email.title}, {email.why}.</p>
      <button disabled={pending} onClick={() => update()}>Allow</button>
      <button className="plain" onClick={dismiss}>Not now</button>
    </aside>
  );
}

function Appointments() {
  const fetch = useApi();
  const { granted, status, pending, request } = useScope('write:appointments');
  const [entries, setEntries] = useState([]);
  const load = () => fetch(`${api}/appointments`).then((response) => response.json()).then(({ appointments }) => setEntries(appointments));
  useEffect(() => void load(), [fetch]);

  async function add() {
    if (!granted && !(await request())) return;
    await fetch(`${api}/appointments`, { method: 'POST', body: walk(), headers: { 'content-type': 'application/json' } });
    await load();
  }

  return (
    <>
      <div className="head"><h1>Coming up</h1><button className="primary" disabled={pending} onClick={add}>Add a walk tomorrow</button></div>
      {status === 'denied' && <p className="soft" role="status">Nothing was added: this may only read.</p>}
      <ul className="entries">{entries.map((entry) => <li key={entry.id}><time>{when(entry)}</time>{entry.title}</li>)}</ul>
    </>
  );
}

createRoot(document.getElementById('app')).render(<ScopewiseProvider client={client}><Diary /></ScopewiseProvider>);
