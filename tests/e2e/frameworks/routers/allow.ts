// allow.ts
import { client } from './auth.js';
import type { AppScope } from './options.js';

/** Resolves where the user may go to `url`. Else it leaves the page, and comes back there: to sign in, and to be asked for the scope, once. */
export async function allow(url: string, scope?: AppScope): Promise<void> {
  const { signedIn, expired } = client.session;
  if (!signedIn || expired) await client.signIn({ returnTo: url });
  if (scope && client.scopeStatus(scope) === 'not-requested') await client.upgrade(scope, { returnTo: url });
}
