import { Links, Meta, Outlet, Scripts } from 'react-router';
import { ScopewiseProvider } from 'scopewise/react';
import { client } from './client.js';

export function Layout({ children }) {
  return (
    <html lang="en">
      <head><link rel="icon" href="data:," /><Meta /><Links /></head>
      <body>{children}<Scripts /></body>
    </html>
  );
}

export default function Root() {
  return <ScopewiseProvider client={client}><Outlet /></ScopewiseProvider>;
}
