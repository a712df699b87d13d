import { createClient } from 'scopewise';
import { options } from '../sign-in-url.js';

// At the top of a module: it also runs while pages are rendered for the build, where nobody is signed in.
export const client = await createClient(options);
