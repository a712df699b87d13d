import { isObject } from '../shapes.js';
import { fail } from './scopes.js';
import type { FakeServerOptions } from './server-types.js';
import type { MockOptions } from './types.js';
import type { ApiOptions, ClientOptions, ProviderProfile, ScopeDescription } from '../types.js';

type Test = (value: unknown) => boolean;

/** Of each text but `appState`. */
const MAX_TEXT = 64 * 1024;

const isText: Test = (value) => typeof value === 'string' && value.length <= MAX_TEXT;
const isName: Test = (value) => value !== '' && isText(value);
const isFlag: Test = (value) => typeof value === 'boolean';
const isSeconds: Test = (value) => typeof value === 'number' && value >= 0 && (value as number) < 2 ** 31;
const isOneOf = (...values: readonly string[]): Test => (value) => values.includes(value as string);
const isOneOrMore: Test = (value) => [value].flat().every(isText);
const isAnything: Test = () => true;
/** As the client reads them, by `parse` and as JSON. */
const READ_LATER = { scope: isAnything, appState: isAnything };

/** Parameters that have an option of their own, or none. */
const RESERVED = [
  'response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'nonce', 'code_challenge', 'code_challenge_method', 'code_verifier', 'dpop_jkt', 'response_mode', 'audience', 'resource',
  'request', 'request_uri', 'authorization_details',
];

const SELECTOR = { audience: isName, resource: ((value) => [value].flat().every(isName)) as Test };
const REQUEST = {
  ...SELECTOR, ...READ_LATER, returnTo: isText, prompt: isText, loginHint: isText, acrValues: isText, maxAge: isSeconds, uiLocales: isText, authorizationDetails: ((value) => Array.isArray(value) && value.every(isObject)) as Test,
  responseMode: isOneOf('query', 'fragment', 'query.jwt'),
  params: ((value) => isObject(value) && Object.entries(value).every(([name, text]) => text === undefined || (isText(text) && !RESERVED.includes(name)))) as Test,
};
const SIGN_IN = { ...REQUEST, mode: isOneOf('redirect', 'popup', 'silent'), signal: isAnything };
const { scope: _, ...UPGRADE } = SIGN_IN;

/** The names of some options, none of which can be forgotten here. What they hold is read where it is needed. */
const named = <T extends object>(names: Readonly<Record<keyof Required<T>, true>>): Readonly<Record<string, Test>> => Object.fromEntries(Object.keys(names).map((name) => [name, isAnything]));

const MOCK = named<MockOptions & ClientOptions>({
  clientId: true, issuer: true, metadata: true, redirectUri: true, scope: true, audience: true, resource: true, apis: true, authorizationParams: true, storage: true, dpop: true, rememberScopes: true, par: true,
  verifySignature: true, provider: true, scopes: true, clockTolerance: true, trustedAudiences: true, timeout: true, fetch: true,
  user: true, signedIn: true, granted: true, requested: true, assumed: true, expiresIn: true, onSignIn: true, onUpgrade: true, onRefresh: true, respond: true, supported: true,
});

/** What each method takes. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, Test>>>> = {
  createMockClient: MOCK,
  apis: named<ApiOptions>({ audience: true, resource: true, scope: true, challengeScope: true, discover: true }),
  scopes: named<ScopeDescription>({ title: true, why: true, sensitive: true, locales: true }),
  provider: named<ProviderProfile>({ extends: true, upgradeRequest: true, implies: true, aliases: true, unlisted: true, scopeDelimiter: true, refreshScope: true, upgradePrompt: true, signOut: true }),
  createFakeServer: named<FakeServerOptions>({ user: true, scopes: true, expiresIn: true, refreshTokens: true, issuer: true, clientId: true, authorizationEndpoint: true, respond: true }),
  authorizeUrl: REQUEST, signIn: SIGN_IN, upgrade: UPGRADE, selector: SELECTOR,
  getAccessToken: { ...SELECTOR, scope: isAnything, minValidity: isSeconds, forceRefresh: isFlag, signal: isAnything },
  fetch: { ...SELECTOR, scope: isAnything, onMissing: isOneOf('throw', 'popup', 'redirect') },
  dpopProof: { accessToken: isText, nonce: isText },
  describeScopes: { locale: isOneOrMore },
  signOut: { returnTo: isText, local: isFlag, forget: isFlag },
};

/** Refuses what a method does not take, as the real client does: a test is to find that too. */
export function check(method: string, given: unknown): void {
  if (!isObject(given)) throw fail('invalid_options', `The options of ${method} must be an object, with members of its own.`);
  for (const [name, value] of Object.entries(given)) {
    const test = OPTIONS[method]![name];
    if (!test) throw fail('invalid_options', `${method} has no option "${name}". Check its spelling.`);
    if (value !== undefined && !test(value)) throw fail('invalid_options', `"${name}" of ${method} is of the wrong type, or out of bounds.`);
  }
}

/** Refuses what `createMockClient` does not take: what a test tells it by another name is not told. */
export function checkMock(options: MockOptions): void {
  check('createMockClient', options);
  const { apis = {}, scopes = {}, provider } = options;
  for (const api of Object.values(apis)) check('apis', api);
  for (const description of Object.values(scopes)) check('scopes', description);
  if (typeof provider === 'object') check('provider', provider);
}
