// The package as applications write it. What must not compile says so.
import { integrity } from '../../pkg/integrity.js';
import { relay, type RelayOptions } from '../../pkg/relay.js';
import wasm from '../../pkg/scopewise_bg.wasm';
import { AuthError, createClient, init, type AuthorizationOutcome, type Client, type ProviderProfile, type Session } from '../../pkg/index.js';

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
  await init(wasm);
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
  const client = await createClient<'read:x'>({ ...site, scope: ['read:x'], provider: { implies: { 'write:x': ['read:x'] } } });
  client.hasScope('read:x');
  // @ts-expect-error: not one of its scopes
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

/** As any error; those of the package have a code. */
export const made: AuthError = new AuthError('not today', { cause: 'it rains' });

export function errors(error: unknown): string {
  if (!(error instanceof AuthError)) return 'another error';
  switch (error.code) {
    case 'access_denied': return 'a no';
    case 'missing_scope': return (error.missing ?? []).join(' ');
    case 'code_of_a_server': return error.description ?? '';
    default: return error.retryable ? 'try again' : error.name;
  }
}

export async function narrowed(client: Client<Scopes>, error: unknown): Promise<string> {
  if (AuthError.is(error, 'missing_scope')) {
    const missing: readonly string[] = error.missing;
    const code: 'missing_scope' = error.code;
    return [code, ...missing].join(' ');
  }
  if (AuthError.is(error, 'http')) return error.status.toFixed();
  if (AuthError.is(error, 'id_token_invalid')) return error.reason;
  if (AuthError.is(error, 'access_denied')) return error.description ?? error.code;
  if (AuthError.is(error, 'code_of_a_server')) return error.code;
  // @ts-expect-error: no such method of an instance
  if (error instanceof AuthError) error.is('http');
  if (error instanceof AuthError && error.code === 'missing_scope') {
    // @ts-expect-error: codes are open to those of servers, so a comparison alone says nothing of `missing`
    error.missing.join();
  }
  return client.session.claims?.name ?? '';
}

export function claims({ session }: Client): void {
  const name: string | undefined = session.claims?.name;
  const isVerified: boolean | undefined = session.claims?.email_verified;
  const changed: number | undefined = session.claims?.updated_at;
  const town: string | undefined = session.claims?.address?.locality;
  const other: unknown = session.claims?.['https://id.example/roles'];
  // @ts-expect-error: nobody says what it is
  session.claims?.['roles'].length;
  // @ts-expect-error: it may not be there
  session.claims?.email.length;
  void [name, isVerified, changed, town, other];
}

interface Draft {
  readonly title: string;
}

export async function appState(): Promise<void> {
  const client = (await createClient<Scopes>({ clientId: 'app', issuer: 'https://id.example' })) as Client<Scopes, Draft>;
  await client.upgrade('write:x', { appState: { title: 'Dentist' } });
  // @ts-expect-error: it is no draft
  await client.signIn({ appState: { page: 7 } });
  const outcome = await client.handleCallback();
  const title: string | undefined = outcome?.appState.title;
  const other = await (client as Client<Scopes>).handleCallback();
  // @ts-expect-error: nobody says what it is
  other?.appState.title;
  const told = other as AuthorizationOutcome<Scopes, Draft> | null;
  void [title, told?.appState.title];
}

export async function atTheRedirectUri(): Promise<void> {
  const options: RelayOptions = { next: '/app' };
  await relay();
  await relay(options);
  await relay({ next: new URL('https://app.example/') });
  // @ts-expect-error: it is next
  await relay({ to: '/app' });
}
