// scopewise/testing as applications write it. What must not compile says so.
import type { Client, Session } from '../../pkg/index.js';
import { createFakeServer, createMockClient, patchTestPage, type FakeServer, type MockAnswer, type MockClient } from '../../pkg/testing.js';

type AppScope = 'openid' | 'read:x' | 'write:x';

export async function mocks(take: (client: Client<AppScope>) => void): Promise<void> {
  const mock = createMockClient<AppScope>({ user: { sub: 'ada', name: 'Ada' }, granted: ['openid', 'read:x'], onUpgrade: ({ missing }) => ({ granted: missing }) });
  take(mock);
  mock.grant('write:x', { audience: 'https://api.example' });
  mock.onUpgrade = 'popup-blocked';
  const session: Session<AppScope> = mock.session;
  // @ts-expect-error: not one of the application's scopes
  mock.grant('other');
  // @ts-expect-error: no such answer
  mock.onUpgrade = 'popup_blocked';
  // @ts-expect-error: misspelled, in what is granted
  createMockClient<AppScope>({ granted: ['read'] });
  // @ts-expect-error: in an answer
  createMockClient<AppScope>({ onUpgrade: { granted: 'write' } });
  // @ts-expect-error: no such option
  createMockClient({ granting: 'read:x' });
  // @ts-expect-error: its requests are the test's own
  createMockClient({ fetch: globalThis.fetch });
  // @ts-expect-error: what was called is not to be changed
  mock.calls.push({ method: 'signIn', args: [] });
  const inferred: MockClient<'openid' | 'read:x'> = createMockClient({ granted: ['openid', 'read:x'] });
  const titles = mock.describeScopes('read:x').map(({ title }) => title);
  const proof: string = await mock.dpopProof('/own', 'POST', { nonce: 'n' });
  mock.onUpgrade = { granted: 'write:x', authorizationDetails: [{ type: 'payment' }] };
  void [session, inferred, titles, proof];
}

export async function servers(): Promise<void> {
  const server: FakeServer = createFakeServer({ user: 'ada', scopes: ['openid'], respond: () => new Response() });
  const url: string = await server.answer('https://id.test/authorize', { granted: 'openid' });
  const end: () => void = server.answerWindows((asked) => (asked === url ? 'allow' : 'closed'));
  // @ts-expect-error: a popup is blocked before there is a URL
  server.answerWindows(() => 'blocked');
  // @ts-expect-error: no such answer
  await server.answer(url, 'yes');
  // @ts-expect-error: no such endpoint
  server.once('authorize', () => new Response());
  const scopes: readonly string[] | undefined = server.inspect('token')?.scopes;
  patchTestPage();
  const answer: MockAnswer = 'partial';
  void [end, scopes, answer];
}
