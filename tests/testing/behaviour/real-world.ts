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
    let answered = says;
    const stop = { windows: () => {} };
    const say = (answer: MockAnswer) => {
      answered = answer;
      stop.windows();
      stop.windows = server.answerWindows(answer === 'popup-blocked' ? 'blocked' : answer === 'popup-closed' ? 'closed' : (url) => fakeAnswer(client, url, answered));
    };
    say(says);
    return { client, isMock: false, answer: (url, answer = 'grant') => server.answer(url, fakeAnswer(client, url, answer)), says: say, tick };
  },
});

/** What the server is to say. A mock's answer to an upgrade leaves what is held. */
function fakeAnswer(client: Client, url: string, answer: MockAnswer): FakeAnswer {
  const asked = (new URL(url).searchParams.get('scope') ?? '').split(' ');
  const held = client.session.granted;
  const missing = asked.filter((scope) => !held.includes(scope));
  if (answer === 'grant') return 'allow';
  if (answer === 'partial') return { granted: [...held, missing[0]!] };
  if (answer === 'other-user') return { user: 'other-user' };
  if (typeof answer !== 'object') return 'deny';
  return 'granted' in answer ? { granted: [...held, ...[answer.granted].flat().join(' ').split(' ')] } : answer;
}
