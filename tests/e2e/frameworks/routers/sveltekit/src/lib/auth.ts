// src/lib/auth.ts
import { createClient } from 'scopewise';
import { options, type AppScope } from './options.js';

export const client = await createClient<AppScope>(options);
