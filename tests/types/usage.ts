// The package as applications write it. What must not compile says so.
import { integrity } from '../../pkg/integrity.js';
import { AuthError, createClient, init, type Client, type ProviderProfile, type Session } from '../../pkg/index.js';

type Scopes = 'read:x' | 'write:x';

export async function typedScopes(): Promise<void> {
  const client = await createClient<Scopes>({ clientId: 'app', issuer: 'https://id.example', scope: 'read:x' });
  client.hasScope('read:x');
  client.hasScope(['read:x', 'write:x']);
  const missing: Scopes[] = client.missingScopes(['read:x', 'write:x']);
  await client.upgrade(missing, { returnTo: '/inbox', appState: { draft: 1 } });
  await client.getAccessToken({ scope: 'write:x', minValidity: 60 });
  // @ts-expect-error: not one of the application's scopes
  client.hasScope('other');
  // @ts-expect-error: nor in an array
  client.hasAnyScope(['read:x', 'other']);
  // @ts-expect-error: nor to be asked for
  await client.upgrade('other');
  // @ts-expect-error: nor as the status of one
  client.scopeStatus('other');
  // @ts-expect-error: nor for a token
  await client.getAccessToken({ scope: 'other' });
  // @ts-expect-error: a sign-in has its own place for scopes, an upgrade's is the first argument
  await client.upgrade('read:x', { scope: 'write:x' });
  // @ts-expect-error: a session is not to be changed
  client.session.granted.push('read:x');
  const session: Session<Scopes> = client.session;
  const granted: readonly Scopes[] = session.granted;
  // @ts-expect-error: signed out, there are no claims
  session.claims.sub;
  void granted;
}

export async function anyScopes(): Promise<void> {
  const client: Client = await createClient({ clientId: 'app', issuer: 'https://id.example', scope: ['openid', 'email'] as string[] });
  client.hasScope('whatever');
  client.hasScope('several in one text');
  const stop: () => void = client.subscribe(() => {});
  stop();
  const { url, state }: { url: string; state: string } = client.authorizeUrl({ prompt: 'consent' });
  client.authorizeUrl({ responseMode: 'query.jwt' });
  await client.signIn({ mode: 'popup', responseMode: 'query.jwt', authorizationDetails: [{ type: 'x' }] });
  await client.upgrade('email', { responseMode: 'query.jwt' });
  // @ts-expect-error: no response comes so
  await client.signIn({ responseMode: 'form_post' });
  const outcome = await client.handleCallback(url + state);
  // @ts-expect-error: there may be no answer
  outcome.outcome;
  if (outcome?.outcome === 'partial') outcome.missing.includes('email');
  const details: readonly object[] | undefined = outcome?.authorizationDetails;
  details?.length;
  // @ts-expect-error: there is no such outcome
  if (outcome?.outcome === 'refused') return;
}

export async function wrongOptions(): Promise<void> {
  // @ts-expect-error: clientId is required
  await createClient({ issuer: 'https://id.example' });
  // @ts-expect-error: it is clientId
  await createClient({ clientID: 'app', issuer: 'https://id.example' });
  // @ts-expect-error: no such place
  await createClient({ clientId: 'app', issuer: 'https://id.example', storage: 'disk' });
  await init(new URL('https://app.example/scopewise_bg.wasm'));
  await init(undefined, { integrity });
  // @ts-expect-error: it is integrity
  await init(undefined, { hash: integrity });
}

export async function providers(): Promise<void> {
  const site = { clientId: 'app', issuer: 'https://id.example' };
  for (const provider of ['generic', 'auth0', 'google', 'entra', 'okta', 'keycloak', 'github', 'cognito'] as const) await createClient({ ...site, provider });
  const own: ProviderProfile = {
    extends: 'github',
    upgradeRequest: 'incremental',
    implies: { 'write:*': ['read:*'] },
    aliases: { email: ['https://id.example/email'] as const },
    unlisted: ['openid'] as const,
    scopeDelimiter: ',',
    refreshScope: 'requested',
    signOut: { url: '/logout', clientId: 'app', returnTo: 'back' },
  };
  await createClient({ ...site, provider: own });
  await createClient({ ...site, provider: {} });
  // A profile says nothing about which scopes the application has.
  const client = await createClient({ ...site, scope: ['read:x'], provider: { implies: { 'write:x': ['read:x'] } } });
  client.hasScope('read:x');
  // @ts-expect-error: not one of its options' scopes
  client.hasScope('write:x');
  // @ts-expect-error: no such profile
  await createClient({ ...site, provider: 'gitlab' });
  // @ts-expect-error: nor to stand on
  await createClient({ ...site, provider: { extends: 'gitlab' } });
  // @ts-expect-error: it is implies
  await createClient({ ...site, provider: { implied: {} } });
  // @ts-expect-error: a scope carries a list
  await createClient({ ...site, provider: { implies: { repo: 'repo:status' } } });
  // @ts-expect-error: and so are other spellings
  await createClient({ ...site, provider: { aliases: ['email'] } });
  // @ts-expect-error: a list, too
  await createClient({ ...site, provider: { unlisted: 'openid profile' } });
  // @ts-expect-error: no such delimiter
  await createClient({ ...site, provider: { scopeDelimiter: ';' } });
  // @ts-expect-error: no such way to ask
  await createClient({ ...site, provider: { upgradeRequest: 'all' } });
}

export function errors(error: unknown): string {
  if (!(error instanceof AuthError)) return 'another error';
  switch (error.code) {
    case 'access_denied': return 'a no';
    case 'missing_scope': return (error.missing ?? []).join(' ');
    case 'code_of_a_server': return error.description ?? '';
    default: return error.retryable ? 'try again' : error.name;
  }
}
