import { AuthError, createClient } from 'scopewise';
import { createFakeServer } from 'scopewise/testing';
import type { Client } from '../../../pkg/index.js';
import type { FakeAnswer, MockAnswer } from '../../../pkg/testing.js';
import type { World } from './world.js';

let clients = 0;
/** Without Web Locks only what no other tab shares is renewed. */
const storage = globalThis.navigator?.locks ? 'session' : 'memory';

/** The real client, over the server for tests. `tick` moves the page's clock. */
export const realWorld = (tick: (seconds: number) => Promise<void>): World => ({
  AuthError,
  async start({ granted = 'openid read:x', requested = granted ?? '', says = 'grant', expiresIn = 3600, respond, ...options } = {}) {
    const server = createFakeServer({
      user: { sub: 'ada', name: 'Ada' }, expiresIn, refreshTokens: 'offline_access',
      ...(respond && { respond: async (request: Request) => respond({ url: request.url, method: request.method, headers: Object.fromEntries([...request.headers].map(([name, value]) => [name.toLowerCase(), value])) }) }),
    });
    const client = await createClient<string>({ clientId: `app-${(clients += 1)}`, metadata: server.metadata, redirectUri: '/cb', storage, fetch: server.fetch, ...options });
    if (granted !== null) await client.handleCallback(await server.answer(client.authorizeUrl({ scope: requested }).url, { granted }));
    const stop = { windows: () => {} };
    const say = (answer: MockAnswer, to: 'sign-in' | 'upgrade' = client.session.signedIn ? 'upgrade' : 'sign-in') => {
      stop.windows();
      stop.windows = server.answerWindows(answer === 'popup-blocked' ? 'blocked' : answer === 'popup-closed' ? 'closed' : (url) => fakeAnswer(client, to, url, answer));
    };
    say(says);
    return { client, isMock: false, answer: (url, answer = 'grant') => server.answer(url, fakeAnswer(client, 'sign-in', url, answer)), says: say, tick };
  },
});

/** What the server is to say. Some of an upgrade leaves what is held; and who is asked to stay the same user does, unless another is wanted. */
function fakeAnswer(client: Client, to: 'sign-in' | 'upgrade', url: string, answer: MockAnswer): FakeAnswer {
  const { session } = client;
  const query = new URL(url).searchParams;
  const asked = (query.get('scope') ?? '').split(' ').filter(Boolean);
  const audience = query.get('audience');
  const isHeld = (scope: string) => ['granted', 'assumed'].includes(client.scopeStatus(scope, audience === null ? undefined : { audience }));
  // An upgrade of a user who is known always has the proof of who came back.
  const held = to === 'upgrade' ? asked.filter((scope) => isHeld(scope) || (scope === 'openid' && session.claims)) : [];
  const missing = asked.filter((scope) => !held.includes(scope));
  const same = session.claims && (to === 'upgrade' || query.get('prompt') === 'none') ? session.claims.sub : undefined;
  if (answer === 'other-user') return { user: session.claims?.sub === 'other-user' ? 'another-user' : 'other-user' };
  if (typeof answer === 'object' && 'error' in answer) return answer;
  if (answer !== 'grant' && answer !== 'partial' && typeof answer !== 'object') return 'deny';
  const some = answer === 'grant' ? missing : answer === 'partial' ? missing.slice(0, 1) : [answer.granted].flat().join(' ').split(' ');
  const details = typeof answer === 'object' && answer.authorizationDetails;
  return { granted: [...held, ...some], ...(same !== undefined && { user: same }), ...(details && { authorizationDetails: details }) };
}
