// What a server renders: with a client as it is there.
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { StrictMode } from 'react';
import { renderToPipeableStream } from 'react-dom/server';
import { createClient } from 'scopewise';
import { App, type AppProps } from './react-parts.js';

export async function render(props: Omit<AppProps, 'client'>): Promise<string> {
  const client = await createClient({ clientId: 'app', issuer: 'https://id.example' });
  const out = new PassThrough();
  // With what is suspended.
  const { pipe } = renderToPipeableStream(<StrictMode><App client={client} {...props} /></StrictMode>, { onAllReady: () => void pipe(out), onError: (error) => void out.destroy(error as Error) });
  return text(out);
}
