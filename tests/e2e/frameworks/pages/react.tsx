import { StrictMode } from 'react';
import { createRoot, hydrateRoot } from 'react-dom/client';
import { afterCallback } from 'scopewise/react';
import { App } from './react-parts.js';
import { made, settings } from './settings.js';

const { options, other, hydrates, ...props } = settings;
const app = (options: typeof settings.options) => <StrictMode><App client={afterCallback(made(options))} {...props} /></StrictMode>;
const place = (id: string) => document.getElementById(id)!;

if (hydrates) hydrateRoot(place('first'), app(options), { onRecoverableError: (error) => console.error('not the same:', error) });
else createRoot(place('first')).render(app(options));
if (other) createRoot(place('second')).render(app(other));
