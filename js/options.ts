import { AuthError } from './error.js';

/** The module's methods that wait for nothing, by their number. */
export const enum Call {
  session = 1,
  authorizeUrl,
  missingScopes,
  scopeStatus,
  getAccessToken,
  idToken,
  close,
}

/** The module's methods that wait. */
export const enum Run {
  handleCallback = 1,
  signIn,
  upgrade,
  signOut,
  prepare,
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

const upgrade: Shape = { ...request, mode: 'string', signal: 'apart' };

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
    apis: 'later',
    dpop: 'later',
    par: 'later',
    verifySignature: 'later',
    provider: 'later',
  },
  authorizeUrl: { ...request, scope: 'scope' },
  signIn: { ...upgrade, scope: 'scope' },
  upgrade,
  getAccessToken: { ...target, scope: 'scope', minValidity: 'number', forceRefresh: 'later', signal: 'apart' },
  signOut: { returnTo: 'string', local: 'boolean' },
  selector: target,
} satisfies Record<string, Shape>;

/** An options object as a form. An unknown member or a wrong type is `invalid_options`, by name. */
export function form(method: keyof typeof shapes, options: unknown): string {
  const form = new URLSearchParams();
  if (options === undefined) return '';
  if (typeof options !== 'object' || !options || Array.isArray(options)) throw invalid(`The options of ${method} must be an object.`);
  for (const [name, value] of Object.entries(options)) {
    const kind: Kind | undefined = Object.hasOwn(shapes[method], name) ? (shapes[method] as Shape)[name] : undefined;
    if (!kind) throw invalid(`${method} has no option "${name}". Check its spelling.`);
    if (value !== undefined && kind !== 'apart') append(form, name, kind, value);
  }
  const mode = form.get('mode') ?? 'redirect';
  if (mode === 'popup' || mode === 'silent') throw later(`mode "${mode}"`);
  if (mode !== 'redirect') throw invalid('"mode" must be redirect, popup or silent.');
  return form.toString();
}

/** A scope argument: one text, or each token of an array apart. An empty array is an empty text. */
export function scopes(scope: unknown, rest = ''): string {
  const form = new URLSearchParams(rest);
  append(form, 'scope', 'scope', scope);
  return form.toString();
}

function append(form: URLSearchParams, name: string, kind: Kind, value: unknown): void {
  const strings = Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
  if (kind === 'later') {
    if (value !== false && value !== 'generic') throw later(`"${name}"`);
  } else if (kind === 'scope' || kind === 'strings') {
    if (!strings && typeof value !== 'string') {
      if (kind === 'scope') throw new AuthError({ code: 'invalid_scope_syntax', message: 'A scope is a string, or an array of strings.' });
      throw invalid(`"${name}" must be a string or an array of strings.`);
    }
    const each = kind === 'scope' && strings?.length ? 'token' : name;
    for (const item of strings ?? [value as string]) form.append(each, item);
    if (kind === 'scope' && strings?.length === 0) form.append(name, '');
  } else if (kind === 'record') {
    if (typeof value !== 'object' || !value || !Object.values(value).every((item) => typeof item === 'string')) {
      throw invalid(`"${name}" must be an object of strings.`);
    }
    form.append(name, new URLSearchParams(value as Record<string, string>).toString());
  } else if (kind === 'json' || kind === 'objects') {
    const isObjects = Array.isArray(value) && value.every((item) => typeof item === 'object' && item);
    const text = kind === 'json' || isObjects ? json(value) : undefined;
    if (text === undefined) throw invalid(`"${name}" must be ${kind === 'json' ? 'a JSON value' : 'an array of objects'}.`);
    form.append(name, text);
  } else if (typeof value !== kind || Number.isNaN(value)) {
    throw invalid(`"${name}" must be a ${kind}.`);
  } else if (value !== false) {
    form.append(name, kind === 'number' ? String(Math.floor(value as number)) : String(value));
  }
}

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
