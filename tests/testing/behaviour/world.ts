// What each behaviour is shown on: the client for tests, and the real one over a server for tests.
import type { AuthError, Client, ClientOptions } from '../../../pkg/index.js';
import type { MockAnswer, MockApiCall } from '../../../pkg/testing.js';

export interface Start extends Partial<Pick<ClientOptions, 'scope' | 'apis' | 'audience' | 'scopes' | 'provider' | 'dpop'>> {
  /** Scopes of the session; null where nobody is signed in. Default "openid read:x". */
  readonly granted?: string | null;
  /** Default: what is granted. */
  readonly requested?: string;
  readonly expiresIn?: number;
  /** What comes of popups and silent requests. Default "grant". */
  readonly says?: MockAnswer;
  readonly respond?: (call: Pick<MockApiCall, 'url' | 'method' | 'headers'>) => Response;
}

export interface Subject {
  readonly client: Client;
  /** Which of the two it is. */
  readonly isMock: boolean;
  /** The callback URL of an authorization request's answer. */
  answer(url: string, answer?: MockAnswer): Promise<string>;
  /** What comes of popups and silent requests from now on. Some of the scopes of an upgrade are some of those that were missing. */
  says(answer: MockAnswer, to?: 'sign-in' | 'upgrade'): void;
  /** Time goes on. */
  tick(seconds: number): Promise<void>;
}

export interface World {
  readonly AuthError: typeof AuthError;
  start(options?: Start): Promise<Subject>;
}

export type Behaviours = Readonly<Record<string, (world: World) => Promise<void>>>;

/** Compared as JSON, whatever the order of members. */
export function same(actual: unknown, expected: unknown, what = 'it'): void {
  const [found, wanted] = [actual, expected].map((value) => JSON.stringify(sorted(value)) ?? 'undefined');
  if (found !== wanted) throw new Error(`${what} is ${found}, not ${wanted}`);
}

/** The members that are wanted, and whatever else is there. */
export function holds(actual: object, expected: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(expected)) same((actual as Record<string, unknown>)[name], value, name);
}

export function is(condition: boolean, what: string): void {
  if (!condition) throw new Error(`not so: ${what}`);
}

/** The call fails with this code, as an AuthError of the package. */
export async function fails(world: World, code: string, call: () => unknown, members: Readonly<Record<string, unknown>> = {}): Promise<AuthError> {
  let value: unknown;
  try {
    value = await call();
  } catch (error) {
    if (!(error instanceof world.AuthError)) throw error;
    same(error.code, code, 'the code');
    is(/\S+ \S+ \S+/.test(error.message), `"${error.message}" says something`);
    holds(error, members);
    return error;
  }
  throw new Error(`it came to ${JSON.stringify(value)}, and not to ${code}`);
}

/** Until whoever waits for a microtask or a message has been told. Clocks of tests may hold microtasks back. */
export async function settled({ tick }: Subject, isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000 && !isSo(); turn += 1) await tick(0);
  is(isSo(), 'what was waited for');
}

/** A response, also where there is no class for it. */
export function response(body: string, status = 200, challenge?: string, nonce?: string): Response {
  const headers = { ...(challenge !== undefined && { 'www-authenticate': challenge }), ...(nonce !== undefined && { 'dpop-nonce': nonce }) };
  if (typeof Response !== 'undefined') return new Response(body, { status, headers });
  return { status, headers: { get: (name: string) => (headers as Record<string, string>)[name] ?? null }, text: async () => body } as unknown as Response;
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, member]) => [name, sorted(member)]));
}
