'use client';
import { ScopewiseProvider } from 'scopewise/react';
import { client } from './client.js';

export function Provider({ children }) {
  return <ScopewiseProvider client={client}>{children}</ScopewiseProvider>;
}
