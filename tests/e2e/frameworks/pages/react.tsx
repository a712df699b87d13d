import { StrictMode } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { afterCallback } from 'scopewise/react';
import { App, type AppProps } from './react-parts.js';
import { made, settings } from './settings.js';

const { options, other, hydrates, ...props } = settings;
const open = (options: typeof settings.options) => afterCallback(made(options));
const app = (client: AppProps['client']) => <StrictMode><App client={client} {...props} /></StrictMode>;
const place = (id: string) => document.getElementById(id)!;

const client = hydrates === 'ready' ? await open(options) : open(options);
if (hydrates) hydrateRoot(place('first'), app(client), { onRecoverableError: (error) => console.error('not the same:', error) });
else createRoot(place('first')).render(app(client));
if (other) createRoot(place('second')).render(app(open(other)));
