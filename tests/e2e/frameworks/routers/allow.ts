// allow.ts
import { client } from './auth.js';
import type { AppScope } from './options.js';

/**
 * Resolves where the user may follow a link.
 * Else it leaves the page: to sign in, and to ask for the scope, once. Users come back to the link.
 */
export async function allow(href: string, scope?: AppScope): Promise<void> {
  const returnTo = new URL(href, location.href).href; // hash routers have links such as "#/notes"
  const { signedIn, expired } = client.session;
  // The back button may bring the page back as it was left: waiting.
  const beginAgain = ({ persisted }: PageTransitionEvent) => persisted && location.reload();
  addEventListener('pageshow', beginAgain);
  if (!signedIn || expired) await client.signIn({ returnTo });
  if (scope && client.scopeStatus(scope) === 'not-requested') await client.upgrade(scope, { returnTo });
  removeEventListener('pageshow', beginAgain);
}
