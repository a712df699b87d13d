'use client';
import { useEffect, useSyncExternalStore } from 'react';
import { client } from './client.js';

export default function Page() {
  const { signedIn } = useSyncExternalStore(client.subscribe, () => client.session, () => client.session);
  useEffect(() => {
    document.documentElement.dataset.shown = client.authorizeUrl().url;
  }, []);
  return <p>{signedIn ? 'signed in' : 'signed out'}</p>;
}
