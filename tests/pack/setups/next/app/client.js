import { createClient } from 'scopewise';
import { afterCallback } from 'scopewise/react';
import { options } from '../sign-in-url.js';

// At the top of a module: it also runs while pages are rendered, where nobody is signed in.
export const client = await afterCallback(createClient(options), ({ returnTo }) => location.replace(returnTo));
