import { createClient } from 'scopewise/inline';
import { options } from './sign-in-url.js';

addEventListener('message', async ({ source }) => {
  const client = await createClient(options);
  let code = '';
  try {
    client.authorizeUrl();
  } catch (error) {
    ({ code } = error);
  }
  source.postMessage(`signed ${client.session.signedIn ? 'in' : 'out'}, and ${code}`);
});
