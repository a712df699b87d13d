// The hand-written client, as the benchmark drives every client.
import { createClient } from '../baseline.mjs';

export async function open({ metadata, clientId, redirectUri, scope }) {
  const client = createClient({ metadata, clientId, redirectUri, scope });
  return {
    signIn: (more) => client.signIn(more),
    callback: () => client.handleCallback(),
    token: () => client.getAccessToken(),
    refresh: () => client.refresh(),
  };
}
