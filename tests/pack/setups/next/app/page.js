'use client';
import { useEffect } from 'react';
import { RequireScope, ScopewiseProvider, useAuth } from 'scopewise/react';
import { client } from './client.js';

function User() {
  const { status, client } = useAuth();
  useEffect(() => {
    if (status === 'signed-out') document.documentElement.dataset.shown = client.authorizeUrl().url;
  }, [status, client]);
  return <p>{status}</p>;
}

export default function Page() {
  return (
    <ScopewiseProvider client={client}>
      <User />
      <RequireScope scope="profile" fallback={({ status }) => <p>{status}</p>} />
    </ScopewiseProvider>
  );
}
