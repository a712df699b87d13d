import { createClient } from 'scopewise/inline';
import { show } from './sign-in-url.js';

show(createClient);
