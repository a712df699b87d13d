// auth.ts
import { createClient } from 'scopewise';
import { afterCallback } from 'scopewise/angular';
import { options, type AppScope } from './options.js';

// The answer is handled, and the address bar has `returnTo`, before anything that imports this looks there.
export const client = await afterCallback(createClient<AppScope>(options));
