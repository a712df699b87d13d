import { AuthError, list } from './error.js';
import * as glue from './generated/scopewise.js';
import { enter, load, settle } from './load.js';
import { Call, Run, form, invalid, later, scopes } from './options.js';
import { Snapshots, outcome } from './session.js';
import type { AuthorizationOutcome, AuthorizationRequest, Client, ClientOptions, GrantSelector, Scope, ScopeStatus, WasmSource } from './types.js';

export { AuthError };
export type * from './types.js';

/** Loads and compiles the module, once per page. `createClient` calls it; call it earlier to overlap it with other work. */
export async function init(source?: WasmSource): Promise<void> {
  await load(source);
}

/** Loads the module, restores a stored session if there is one, and resolves to a ready client. */
export async function createClient<const S extends string = string>(options: ClientOptions<S>): Promise<Client<S>> {
  const instance = await load();
  if (!options) throw invalid('createClient needs an options object.');
  const given = place(options);
  const snapshots = new Snapshots<S>(instance);
  const host = { fetch: options.fetch, storage: options.storage, changed: snapshots.changed };
  const id = (await settle(instance, (done) => glue.open(given, host, done))) as number;
  snapshots.open(id);

  const call = (method: Call, given = '') => enter(instance, () => glue.call(id, method, given));
  const run = async (method: Run, given: () => string, signal?: AbortSignal) => {
    const fields = given();
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('"signal" must be an AbortSignal.');
    return (await settle(instance, (done) => glue.run(id, method, fields, signal, done), signal)) as string | undefined;
  };
  const leave = async (method: Run, given: () => string, signal?: AbortSignal): Promise<AuthorizationOutcome<S>> => {
    const found = await run(method, given, signal);
    // Nothing comes back from a call that leaves the page; neither does its promise.
    return found === undefined ? new Promise(() => {}) : outcome<S>(found);
  };
  const has = (scope: string, selector?: GrantSelector) =>
    enter(instance, () => glue.has_scope(id, scope, selector ? form('selector', selector) : ''));
  const missing = (scope: Scope<S>, selector?: GrantSelector) =>
    list<S>(call(Call.missingScopes, scopes(scope, form('selector', selector))));

  return Object.freeze<Client<S>>({
    get session() {
      return snapshots.read();
    },
    subscribe: snapshots.subscribe,
    authorizeUrl(options) {
      const { url, state } = Object.fromEntries(new URLSearchParams(call(Call.authorizeUrl, form('authorizeUrl', options))));
      return { url, state } as unknown as AuthorizationRequest;
    },
    prepare: async () => void (await run(Run.prepare, () => '')),
    signIn: (options) => leave(Run.signIn, () => form('signIn', options), options?.signal),
    upgrade: (scope, options) => leave(Run.upgrade, () => scopes(scope, form('upgrade', options)), options?.signal),
    async handleCallback(url) {
      const found = await run(Run.handleCallback, () => (url === undefined ? '' : new URLSearchParams({ url }).toString()));
      return found === undefined ? null : outcome<S>(found);
    },
    hasScope: (scope, selector) => (typeof scope === 'string' ? has(scope, selector) : missing(scope, selector).length === 0),
    hasAnyScope(scope, selector) {
      const lacking = missing(scope, selector);
      return (typeof scope === 'string' ? list(scope) : scope).some((one) => one && !lacking.includes(one as S));
    },
    missingScopes: missing,
    scopeStatus: (scope, selector) => call(Call.scopeStatus, scopes(typeof scope === 'string' ? scope : '', form('selector', selector))) as ScopeStatus,
    explainScope: () => notYet('explainScope'),
    scopeReport: () => notYet('scopeReport'),
    async getAccessToken(options) {
      if (options?.signal?.aborted) throw new AuthError({ code: 'aborted', message: 'The caller aborted the call.', retryable: true });
      return call(Call.getAccessToken, form('getAccessToken', options));
    },
    fetch: async () => notYet('fetch'),
    idToken: () => call(Call.idToken) || null,
    userInfo: async () => notYet('userInfo'),
    signOut: async (options) => void (await run(Run.signOut, () => form('signOut', options))),
    close() {
      snapshots.close();
      if (!instance.poison) call(Call.close);
    },
  });
}

/** A client's options as a form. Its own storage and fetch stay on this side. */
function place({ storage, fetch, ...options }: ClientOptions): string {
  if (fetch !== undefined && typeof fetch !== 'function') throw invalid('"fetch" must be a function.');
  const given = new URLSearchParams(form('createClient', options));
  const isAdapter = (store: object) => ['getItem', 'setItem', 'removeItem'].every((name) => typeof store[name as never] === 'function');
  if (typeof storage === 'object' && storage) {
    if (!isAdapter(storage)) throw invalid('"storage" must be a name, or have getItem, setItem and removeItem.');
    given.set('storage', 'own');
  } else if (storage === 'indexeddb' || storage === 'worker') {
    throw later(`storage "${storage}"`);
  } else if (storage !== undefined) {
    if (!['session', 'local', 'memory'].includes(storage)) throw invalid('"storage" must be session, local, memory or an adapter.');
    given.set('storage', storage);
  }
  return given.toString();
}

function notYet(name: string): never {
  throw later(name);
}
