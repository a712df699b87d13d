import { createClient } from 'scopewise';
import { show } from './sign-in-url.js';

await show(createClient);
