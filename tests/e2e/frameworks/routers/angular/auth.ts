// auth.ts
import { createClient } from 'scopewise';
import { afterCallback } from 'scopewise/angular';
import { options, type AppScope } from './options.js';

// Whoever imports this looks at the address bar when the answer is handled, and `returnTo` is there.
export const client = await afterCallback(createClient<AppScope>(options));
