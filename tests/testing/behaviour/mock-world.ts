import { AuthError } from 'scopewise';
import { createMockClient } from 'scopewise/testing';
import type { MockAnswer } from '../../../pkg/testing.js';
import type { World } from './world.js';

/** The client for tests. `tick` moves the clock that it reads. */
export const mockWorld = (tick: (seconds: number) => Promise<void>): World => ({
  AuthError,
  async start({ granted = 'openid read:x', requested, says = 'grant', ...options } = {}) {
    const given = granted === null ? { signedIn: false } : { granted, ...(requested !== undefined && { requested }) };
    const client = createMockClient<string>({ ...options, ...given, user: { sub: 'ada', name: 'Ada' }, redirectUri: '/cb', onSignIn: says, onUpgrade: says } as never);
    const say = (answer: MockAnswer) => {
      client.onSignIn = answer;
      client.onUpgrade = answer;
    };
    return { client, isMock: true, answer: async (url, answer) => client.answer(url, answer), says: say, tick };
  },
});
