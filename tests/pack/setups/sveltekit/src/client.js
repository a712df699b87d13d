import { createClient } from 'scopewise';
import { options } from '../sign-in-url.js';

export const client = await createClient(options);
