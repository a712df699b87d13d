// Random sequences of calls: the client for tests and the real one must come to the same, step by step.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { init } from 'scopewise';
import { patchTestPage } from 'scopewise/testing';
import type { MockAnswer } from '../../pkg/testing.js';
import { mockWorld } from './behaviour/mock-world.js';
import { realWorld } from './behaviour/real-world.js';
import { response, type Subject } from './behaviour/world.js';

const SEQUENCES = 60;
const STEPS = 25;
const SCOPES = ['openid', 'offline_access', 'read:x', 'write:x', 'read:y', 'staff', 'pay'];
const OPTIONS = {
  scope: 'openid read:x', expiresIn: 600, apis: { 'https://api.test/': { challengeScope: 'write:x read:y' }, 'https://other.test/': { audience: 'other', scope: 'read:y' } },
  provider: { implies: { 'write:*': ['read:*'], staff: ['rooms'] } }, scopes: { pay: { title: 'Pay', sensitive: true }, 'write:x': { title: 'Write' } },
};
const AUDIENCES = [undefined, { audience: 'other' }] as const;

beforeAll(async () => {
  patchTestPage();
  await init(await readFile(join(import.meta.dirname, '../../pkg/scopewise_bg.wasm')));
});
beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The same numbers for the same seed. */
function random(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (end: number) => Math.floor(next() * end);
  const one = <T>(list: readonly T[]): T => list[below(list.length)]!;
  return { below, one, some: (list: readonly string[]) => list.filter(() => next() < 0.35) };
}

interface Step {
  readonly name: string;
  readonly run: (subject: Subject) => unknown;
}

/** A step, the same for both. */
function step({ below, one, some }: ReturnType<typeof random>): Step {
  const scope = some(SCOPES);
  const granted = some(SCOPES).join(' ') || 'openid';
  const answer = one<MockAnswer>(['grant', 'grant', 'grant', 'partial', 'deny', 'popup-closed', 'popup-blocked', 'other-user', { granted }, { error: 'server_error' }, { error: 'access_denied' }]);
  const unblocked: MockAnswer = answer === 'popup-closed' || answer === 'popup-blocked' ? 'grant' : answer;
  const selector = one(AUDIENCES);
  const more = { returnTo: one(['/a', '/b?c=1']), appState: one([undefined, 1, { x: [2] }]), ...one([{}, {}, { authorizationDetails: [{ type: 'payment' }] }]), ...selector };
  const told = JSON.stringify({ scope, answer, selector });
  const token = { ...selector, scope, forceRefresh: one([true, false, false]), minValidity: one([0, 30, 500]) };
  const url = one(['https://api.test/', 'https://api.test/refuses', 'https://api.test/rejects', 'https://other.test/', 'https://evil.test/']);
  const onMissing = one(['throw', 'popup'] as const);
  const seconds = one([1, 20, 200, 700]);
  const ask = (says: MockAnswer, call: (subject: Subject) => unknown, to: 'sign-in' | 'upgrade' = 'upgrade') => (subject: Subject) => {
    subject.says(says, to);
    return call(subject);
  };
  const steps: Step[] = [
    { name: `signIn ${told}`, run: ask(answer, ({ client }) => client.signIn({ ...more, mode: 'popup', ...(scope.length > 0 && { scope }) }), 'sign-in') },
    { name: `upgrade ${told}`, run: ask(answer, ({ client }) => client.upgrade(scope, { ...more, mode: 'popup' })) },
    { name: `upgrade ${told}`, run: ask(answer, ({ client }) => client.upgrade(scope, { ...more, mode: 'popup' })) },
    { name: `silently ${told}`, run: ask(unblocked, ({ client }) => client.signIn({ ...more, mode: 'silent', ...(scope.length > 0 && { scope }) }), 'sign-in') },
    { name: `step up ${told}`, run: ask(answer, ({ client }) => client.upgrade(scope, { ...more, mode: 'popup', acrValues: 'urn:mfa' })) },
    { name: `callback ${told}`, run: async ({ client, answer: back }) => client.handleCallback(await back(client.authorizeUrl({ ...more, ...(scope.length > 0 && { scope }) }).url, unblocked)) },
    { name: `token ${JSON.stringify(token)}`, run: ({ client }) => client.getAccessToken({ ...token, ...(scope.length === 0 && { scope: 'openid' }) }) },
    { name: `fetch ${url} ${onMissing} ${told}`, run: ask(answer, async ({ client }) => (await client.fetch(url, { onMissing, ...(scope.length > 0 && { scope }) })).status) },
    { name: `wait ${seconds}`, run: ({ tick }) => tick(seconds) },
    { name: 'sign out', run: ({ client }) => client.signOut({ local: true }) },
  ];
  // Signing out ends much: it is rare.
  return steps[below(steps.length + 3) % steps.length]!;
}

/** Some answers of an API depend on nothing but the URL and what is granted. */
const respond = ({ url }: { url: string }) =>
  url.endsWith('refuses') ? response('no', 403, 'Bearer error="insufficient_scope", scope="write:x pay"') : url.endsWith('rejects') ? response('no', 401, 'Bearer error="invalid_token"') : response('fine');

/** All that there is to see, with tokens as numbers. */
function seen({ client }: Subject, came: unknown, tokens: string[]): unknown {
  const number = (value: unknown) => (typeof value === 'string' && /^(mock-|fake-)/.test(value) ? tokens.indexOf(value) < 0 ? tokens.push(value) - 1 : tokens.indexOf(value) : value);
  const checks = AUDIENCES.map((selector) => [...SCOPES, 'rooms'].map((scope) => `${scope} ${client.hasScope(scope, selector)} ${client.scopeStatus(scope, selector)}`));
  return { came: number(came), session: { ...client.session, claims: client.session.claims && client.session.claims.sub }, checks, report: Object.fromEntries(Object.entries(client.scopeReport()).map(([name, scopes]) => [name, [...scopes].sort()])) };
}

async function settle(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    const { code, missing, retryable, appState, returnTo, status, descriptions, acrValues } = error as Record<string, unknown>;
    return { code, missing, retryable, appState, returnTo, status, descriptions, acrValues };
  }
}

for (let seed = 1; seed <= SEQUENCES; seed += 1) {
  test(`sequence ${seed}`, async () => {
    const start = seed % 4 === 0 ? { granted: null } : { granted: random(-seed).some(SCOPES.slice(1, 5)).concat('openid').join(' ') };
    const still = async () => {};
    const subjects = [await mockWorld(still).start({ ...OPTIONS, ...start, respond }), await realWorld(still).start({ ...OPTIONS, ...start, respond })];
    const tokens: string[][] = [[], []];
    const chance = random(seed);
    const names: string[] = [];
    for (let at = 0; at < STEPS; at += 1) {
      const { name, run } = step(chance);
      names.push(name);
      const wait = /^wait (\d+)$/.exec(name);
      if (wait) await vi.advanceTimersByTimeAsync(Number(wait[1]) * 1000);
      const came: unknown[] = [];
      for (const subject of subjects) came.push(wait ? undefined : await settle(() => run(subject)));
      const [mock, real] = subjects.map((subject, which) => seen(subject, came[which], tokens[which]!));
      expect(mock, names.slice(-6).join('\n')).toEqual(real);
    }
  });
}
