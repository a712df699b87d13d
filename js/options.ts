import { AuthError, member, pairs } from './error.js';
import type { ApiOptions } from './types.js';

/** The module's methods that wait for nothing, by their number. */
export const enum Call {
  session = 1,
  authorizeUrl,
  missingScopes,
  scopeStatus,
  getAccessToken,
  idToken,
  close,
  scopeReport,
  explainScope,
  /** The same as `getAccessToken`, for a URL. */
  callToken,
  callAnswer,
  callUpgrade,
}

/** The module's methods that wait. */
export const enum Run {
  handleCallback = 1,
  signIn,
  upgrade,
  signOut,
  prepare,
  renew,
  userInfo,
}

/** What a member of an options object may be. Meanings are the module's; here only names and types are checked. */
type Kind =
  | 'string'
  | 'number'
  | 'boolean'
  | 'scope' // a string, or an array of strings
  | 'strings' // a string, or an array of strings
  | 'record' // an object of strings
  | 'json' // any JSON value
  | 'objects' // an array of objects
  | 'apis' // options of APIs by their URL prefix
  | 'profile' // a name, or a profile of one's own
  | 'rules' // an object of arrays of strings
  | 'tokens' // an array of strings
  | RegExp // what the text must match
  | 'mode' // how the user is asked
  | 'apart' // handed over elsewhere
  | 'later'; // not supported yet

type Shape = Readonly<Record<string, Kind>>;

const target: Shape = { audience: 'string', resource: 'strings' };

/** Of every authorization request; its scope is a member, or an argument of its own. */
const request: Shape = {
  ...target,
  returnTo: 'string',
  appState: 'json',
  prompt: 'string',
  loginHint: 'string',
  acrValues: 'string',
  maxAge: 'number',
  uiLocales: 'string',
  authorizationDetails: 'objects',
  responseMode: 'string',
  params: 'record',
};

const upgrade: Shape = { ...request, mode: 'mode', signal: 'apart' };

/** The shapes of every method's options. */
export const shapes = {
  createClient: {
    ...target,
    clientId: 'string',
    issuer: 'string',
    metadata: 'json',
    redirectUri: 'string',
    scope: 'scope',
    authorizationParams: 'record',
    storage: 'apart',
    fetch: 'apart',
    clockTolerance: 'number',
    timeout: 'number',
    apis: 'apis',
    dpop: 'later',
    par: 'later',
    verifySignature: 'later',
    provider: 'profile',
  },
  authorizeUrl: { ...request, scope: 'scope' },
  signIn: { ...upgrade, scope: 'scope' },
  upgrade,
  fetch: { ...target, scope: 'scope' },
  apis: { ...target, scope: 'scope', challengeScope: 'strings' },
  provider: {
    extends: 'string',
    upgradeRequest: /^(union|incremental)$/,
    implies: 'rules',
    aliases: 'rules',
    unlisted: 'tokens',
    scopeDelimiter: /^[ ,]$/,
    refreshScope: /^(none|requested)$/,
  },
  getAccessToken: { ...target, scope: 'scope', minValidity: 'number', forceRefresh: 'boolean', signal: 'apart' },
  signOut: { returnTo: 'string', local: 'boolean' },
  selector: target,
} satisfies Record<string, Shape>;

/** An options object as a record. An unknown member or a wrong type is `invalid_options`, by name. */
export function record(method: keyof typeof shapes, options: unknown): string {
  let text = '';
  if (options === undefined) return text;
  if (typeof options !== 'object' || !options || Array.isArray(options)) throw invalid(`The options of ${method} must be an object.`);
  for (const [name, value] of Object.entries(options)) {
    const kind: Kind | undefined = Object.hasOwn(shapes[method], name) ? (shapes[method] as Shape)[name] : undefined;
    if (!kind) throw invalid(`${method} has no option "${name}". Check its spelling.`);
    if (value !== undefined) text += parse(name, kind, value);
  }
  return text;
}

/** A scope argument: one text, or each token of an array apart. An empty array is an empty text. */
export function scopes(scope: unknown, rest = ''): string {
  return rest + parse('scope', 'scope', scope);
}

/** An option as members of a record. */
function parse(name: string, kind: Kind, value: unknown): string {
  const needs = (what: string) => (kind === 'scope' ? scopeError() : invalid(`"${name}" must be ${what}.`));
  const put = (text: string, as = name) => {
    if (/[\x1d\x1e]/.test(text)) throw needs('without control characters');
    return member(as, text);
  };
  const strings = Array.isArray(value) && value.every((item) => typeof item === 'string') ? (value as string[]) : undefined;
  if (kind === 'apart') return '';
  if (kind === 'mode') {
    if (value === 'redirect') return '';
    if (value !== 'popup' && value !== 'silent') throw needs('redirect, popup or silent');
    return put(value);
  }
  if (kind === 'later') {
    if (value !== false) throw later(`"${name}"`);
    return '';
  }
  if (kind === 'scope' || kind === 'strings') {
    if (strings?.length) return strings.map((item) => put(item, kind === 'scope' ? 'token' : name)).join('');
    if (!strings && typeof value !== 'string') throw needs('a string or an array of strings');
    return strings && kind === 'strings' ? '' : put(String(value));
  }
  if (kind === 'apis') {
    if (typeof value !== 'object' || !value || Array.isArray(value)) throw needs('an object of options by URL prefix');
    return Object.entries(value).map(([prefix, options]) => put(api(prefix, options), 'api')).join('');
  }
  if (kind === 'profile') return record('provider', typeof value === 'string' ? { extends: value } : value);
  if (kind === 'tokens' || kind === 'rules') {
    const lines = kind === 'tokens' ? [value] : isPlain(value) && Object.entries(value).map(([scope, others]) => Array.isArray(others) && [scope, ...others]);
    const isSound = (line: unknown): line is string[] => Array.isArray(line) && line.every((token) => typeof token === 'string' && /^\S+$/.test(token));
    if (!lines || !lines.every(isSound)) throw needs(kind === 'tokens' ? 'an array of scopes' : 'an object of arrays of scopes');
    // Of other spellings each stands for all.
    const rules = name === 'aliases' ? lines.flatMap((line) => line.map((one) => [one, ...line])) : lines;
    return put(rules.map((line) => line.join(' ')).join('\n'), kind === 'rules' ? 'implies' : name);
  }
  if (kind instanceof RegExp) {
    if (typeof value !== 'string' || !kind.test(value)) throw needs(`one of ${kind.source}`);
    return put(value);
  }
  if (kind === 'record') {
    if (typeof value !== 'object' || !value || !Object.values(value).every((item) => typeof item === 'string')) throw needs('an object of strings');
    return put(String(new URLSearchParams(value as Record<string, string>)));
  }
  if (kind === 'json' || kind === 'objects') {
    const isObjects = Array.isArray(value) && value.every((item) => typeof item === 'object' && item);
    const text = kind === 'json' || isObjects ? json(value) : undefined;
    if (text === undefined) throw needs(kind === 'json' ? 'a JSON value' : 'an array of objects');
    return put(text);
  }
  if (typeof value !== kind || Number.isNaN(value)) throw needs(`a ${kind}`);
  return value === false ? '' : put(String(kind === 'number' ? Math.floor(value as number) : value));
}

/** An API's options as a form, whose text fits into a record. */
function api(prefix: string, options: unknown): string {
  const form = new URLSearchParams(pairs(record('apis', options)));
  form.append('prefix', URL.canParse(prefix, location.href) ? new URL(prefix, location.href).href : prefix);
  const allowed = form.getAll('challengeScope');
  // An empty list allows none; without one, any.
  if ((options as ApiOptions | undefined)?.challengeScope !== undefined) form.append('challenge', allowed.join(' '));
  return String(form);
}

const isPlain = (value: unknown): value is object => Object.prototype.toString.call(value) === '[object Object]';

function json(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

export function later(what: string): AuthError {
  return invalid(`${what} is not supported yet.`);
}

export function invalid(message: string): AuthError {
  return new AuthError({ code: 'invalid_options', message });
}

function scopeError(): AuthError {
  return new AuthError({ code: 'invalid_scope_syntax', message: 'A scope is a string of printable ASCII, or an array of such strings.' });
}
