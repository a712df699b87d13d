import { createClient } from 'scopewise';
import { afterCallback } from 'scopewise/react';
import { options } from '../sign-in-url.js';

// The promise of a client, which the island need not wait for.
export const client = afterCallback(createClient(options), ({ returnTo }) => location.replace(returnTo));
