// Scopes that an application names in a type, or in its options: everything that takes or gives scopes knows them.
import { createClient, type AuthorizationOutcome, type Client, type ScopeReport, type Session } from '../../pkg/index.js';
import { holds, type Both } from './compare.js';

type AppScope = 'read:appointments' | 'write:appointments';
const site = { clientId: 'app', issuer: 'https://id.example' };

export async function everyArgument(): Promise<void> {
  const client = await createClient<AppScope>({
    ...site,
    scope: ['read:appointments'],
    apis: { 'https://api.example/': { audience: 'api', scope: 'read:appointments', challengeScope: ['write:appointments'] } },
  });
  holds<Both<typeof client, Client<AppScope>>>();
  const both = ['read:appointments', 'write:appointments'] as const;
  const api = { audience: 'api' };

  client.authorizeUrl({ scope: 'read:appointments' });
  client.authorizeUrl({ scope: both });
  // @ts-expect-error: misspelled
  client.authorizeUrl({ scope: 'read:appointment' });
  // @ts-expect-error: misspelled in an array
  client.authorizeUrl({ scope: ['read:appointments', 'write:apointments'] });

  await client.signIn({ scope: 'write:appointments', mode: 'popup' });
  await client.signIn({ scope: both });
  // @ts-expect-error: misspelled
  await client.signIn({ scope: 'write:apointments' });
  // @ts-expect-error: misspelled in an array
  await client.signIn({ scope: ['write:apointments'], prompt: 'consent' });

  await client.upgrade('write:appointments');
  await client.upgrade(both, { ...api, mode: 'popup' });
  // @ts-expect-error: misspelled
  await client.upgrade('write:appointment');
  // @ts-expect-error: misspelled in an array
  await client.upgrade([...both, 'delete:appointments'], api);
  // @ts-expect-error: no scopes at all
  await client.upgrade();

  client.hasScope('read:appointments');
  client.hasScope(both, api);
  client.hasScope([]);
  // @ts-expect-error: case counts
  client.hasScope('Read:appointments');
  // @ts-expect-error: misspelled in an array
  client.hasScope(['read:appointments', 'read:'], api);
  // @ts-expect-error: a typed scope is one scope, several are an array
  client.hasScope('read:appointments write:appointments');
  // @ts-expect-error: any text may be misspelled
  client.hasScope('read:appointments' as string);
  // @ts-expect-error: and so may an array of it
  client.hasScope(['read:appointments'] as string[]);
  // @ts-expect-error: no scope at all
  client.hasScope(undefined);

  client.hasAnyScope('write:appointments', api);
  client.hasAnyScope(both);
  // @ts-expect-error: misspelled
  client.hasAnyScope('write-appointments');
  // @ts-expect-error: misspelled in an array
  client.hasAnyScope(['write:appointments', 'writeappointments']);

  holds<Both<ReturnType<typeof client.missingScopes>, AppScope[]>>();
  await client.upgrade(client.missingScopes(both, api), api);
  // @ts-expect-error: misspelled
  client.missingScopes('reed:appointments');
  // @ts-expect-error: misspelled in an array
  client.missingScopes(['reed:appointments']);

  client.scopeStatus('read:appointments', api);
  // @ts-expect-error: misspelled
  client.scopeStatus('read:appointments ');
  // @ts-expect-error: the status of one, not of several
  client.scopeStatus(both);
  // @ts-expect-error: there is no such status
  if (client.scopeStatus('read:appointments') === 'missing') return;

  const why: string = client.explainScope('write:appointments', api);
  // @ts-expect-error: misspelled
  client.explainScope('writes:appointments');
  // @ts-expect-error: one, not several
  client.explainScope(['write:appointments']);

  await client.getAccessToken({ scope: 'read:appointments', ...api });
  await client.getAccessToken({ scope: both });
  // @ts-expect-error: misspelled
  await client.getAccessToken({ scope: 'read:apointments' });
  // @ts-expect-error: misspelled in an array
  await client.getAccessToken({ scope: ['read:apointments'], ...api });

  await client.fetch('/appointments', { scope: 'read:appointments', headers: { accept: 'application/json' } });
  await client.fetch(new URL('https://api.example/'), { method: 'POST', scope: both, onMissing: 'popup' });
  // @ts-expect-error: misspelled
  await client.fetch('/appointments', { scope: 'read:apointments' });
  // @ts-expect-error: misspelled in an array
  await client.fetch('/appointments', { method: 'POST', scope: ['write:apointments'] });
  void why;
}

export async function everyOption(): Promise<void> {
  // @ts-expect-error: misspelled
  await createClient<AppScope>({ ...site, scope: 'read:apointments' });
  // @ts-expect-error: misspelled in an array
  await createClient<AppScope>({ ...site, scope: ['read:appointments', 'write:apointments'] });
  // @ts-expect-error: the type names every scope, those of OpenID Connect too
  await createClient<AppScope>({ ...site, scope: ['openid', 'read:appointments'] });
  await createClient<AppScope | 'openid'>({ ...site, scope: ['openid', 'read:appointments'] });
  // @ts-expect-error: what an API needs, misspelled
  await createClient<AppScope>({ ...site, apis: { '/api/': { scope: 'read:apointments' } } });
  // @ts-expect-error: the same in an array
  await createClient<AppScope>({ ...site, apis: { '/api/': { scope: ['read:appointments', 'write'] } } });
  // @ts-expect-error: what its challenges may lead to, misspelled
  await createClient<AppScope>({ ...site, apis: { '/api/': { challengeScope: 'write:apointments' } } });
  // @ts-expect-error: the same in an array, and in the second of two
  await createClient<AppScope>({ ...site, apis: { '/a/': {}, '/b/': { challengeScope: ['write'] } } });
}

export async function everyResult(client: Client<AppScope>): Promise<void> {
  holds<Both<typeof client.session, Session<AppScope>>>();
  holds<Both<Session<AppScope>['requested' | 'granted' | 'denied'], readonly AppScope[]>>();
  holds<Both<AuthorizationOutcome<AppScope>['requested' | 'granted' | 'missing'], readonly AppScope[]>>();
  holds<Both<Required<ScopeReport<AppScope>>[keyof ScopeReport], readonly AppScope[]>>();
  holds<Both<ReturnType<typeof client.scopeReport>, ScopeReport<AppScope>>>();
  holds<Both<ReturnType<typeof client.signIn>, Promise<AuthorizationOutcome<AppScope>>>>();
  holds<Both<ReturnType<typeof client.upgrade>, Promise<AuthorizationOutcome<AppScope>>>>();
  holds<Both<ReturnType<typeof client.handleCallback>, Promise<AuthorizationOutcome<AppScope> | null>>>();

  const { session } = client;
  session.granted.includes('read:appointments');
  // @ts-expect-error: misspelled, in what is looked for
  session.granted.includes('read:apointments');
  // @ts-expect-error: in what was asked for
  session.requested.includes('openid');
  // @ts-expect-error: in what was denied
  session.denied.indexOf('write');

  const outcome = await client.upgrade('write:appointments');
  const again: readonly AppScope[] = outcome.missing;
  if (again.length > 0) await client.upgrade(again);
  // @ts-expect-error: in what an upgrade came to
  outcome.missing.includes('write:apointments');
  // @ts-expect-error: in what it got
  outcome.granted.includes('write:apointments');
  // @ts-expect-error: a result is not to be changed
  outcome.granted.push('read:appointments');
  // @ts-expect-error: in what is not used
  client.scopeReport().unused.includes('read:apointments');
}

export async function unnamed(): Promise<void> {
  // Without a type argument any text is a scope, whatever the options name: an upgrade may be for more.
  const listed = await createClient({ ...site, scope: ['openid', 'read:appointments'] });
  holds<Both<typeof listed, Client>>();
  listed.hasScope('write:appointments');
  listed.hasScope('several in one text');
  await listed.upgrade(['write:appointments', 'whatever']);
  const missing: string[] = listed.missingScopes('a b');
  const text = await createClient({ ...site, scope: 'openid read:appointments', apis: { '/a/': { scope: 'read:x' } }, scopes: { 'write:x': { title: 'Write' } } });
  holds<Both<typeof text, Client>>();
  holds<Both<Awaited<ReturnType<typeof createClient>>, Client>>();
  // @ts-expect-error: a number is no scope
  text.hasScope(7);
  // @ts-expect-error: nor in the options
  await createClient({ ...site, scope: [7] });

  // Where a client of certain scopes is wanted, it is one.
  const wanted: Client<'openid' | AppScope> = await createClient({ ...site, scope: ['openid', 'read:appointments'] });
  await wanted.upgrade('write:appointments');
  // @ts-expect-error: misspelled
  await wanted.upgrade('write:apointments');
  // @ts-expect-error: misspelled in the options
  const misspelled: Client<AppScope> = await createClient({ ...site, scope: ['read:apointments'] });

  // A list that is kept elsewhere names the type.
  const list = ['openid', 'read:appointments'] as const;
  const kept = await createClient<(typeof list)[number]>({ ...site, scope: list });
  holds<Both<typeof kept, Client<'openid' | 'read:appointments'>>>();
  void [missing, misspelled];
}

// A component that takes any client takes a typed one, and gives back its types.
declare function missing<S extends string>(client: Client<S>, scope: S): S[];
declare function badge(session: Session): string;

export function passedOn(client: Client<AppScope>): void {
  const found: AppScope[] = missing(client, 'read:appointments');
  badge(client.session);
  const { hasScope } = client;
  hasScope('read:appointments');
  // @ts-expect-error: methods taken apart know their scopes too
  hasScope('read:apointments');
  // @ts-expect-error: a client of other scopes is another
  const other: Session<'openid'> = client.session;
  void [found, other];
}
