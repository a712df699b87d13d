'use client';
import { useEffect } from 'react';
import { RequireScope, useAuth } from 'scopewise/react';

export function User() {
  const { status, session, signIn } = useAuth();
  // What the test looks at: what was there first.
  useEffect(() => void (document.documentElement.dataset.first ??= status), [status]);
  return (
    <>
      <p id="status">{status}</p>
      {status === 'signed-out' && <button onClick={() => signIn()}>Sign in</button>}
      {status === 'signed-in' && <p id="name">{session.claims.name}</p>}
      <RequireScope scope="profile" fallback={<p>Not without your profile.</p>}><p id="profile">With your profile.</p></RequireScope>
    </>
  );
}
