// The package under test, as the benchmark drives every client.
import { createClient } from 'scopewise';

export async function open({ metadata, clientId, redirectUri, scope, shared }) {
  const client = await createClient({ clientId, metadata, redirectUri, scope, storage: shared ? 'local' : 'session' });
  return {
    signIn: (more) => client.signIn(more),
    popup: (more) => client.signIn({ mode: 'popup', ...more }),
    upgrade: () => client.upgrade('email'),
    callback: () => client.handleCallback(),
    token: () => client.getAccessToken(),
    refresh: () => client.getAccessToken({ forceRefresh: true }),
  };
}
