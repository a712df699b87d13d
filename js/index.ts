import { AuthError, list } from './error.js';
import * as glue from './generated/scopewise.js';
import { enter, load, settle } from './load.js';
import { form, invalid, later, scopes } from './options.js';
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
  const [given, adapter] = places(options);
  const snapshots = new Snapshots<S>(instance);
  const id = (await settle(instance, (done) => glue.open(given, options.fetch, adapter, snapshots.changed, done))) as number;
  snapshots.open(id);

  const call = (method: string, given = '') => enter(instance, () => glue.call(id, method, given));
  const run = async (method: string, given: () => string, signal?: AbortSignal) => {
    const fields = given();
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('"signal" must be an AbortSignal.');
    return (await settle(instance, (done) => glue.run(id, method, fields, signal, done), signal)) as string | undefined;
  };
  const leave = async (method: string, given: () => string, signal?: AbortSignal): Promise<AuthorizationOutcome<S>> => {
    const found = await run(method, given, signal);
    // Nothing comes back from a call that leaves the page; neither does its promise.
    return found === undefined ? new Promise(() => {}) : outcome<S>(found);
  };
  const has = (scope: Scope<S>, any: boolean, selector?: GrantSelector): boolean => {
    const target = selector && form('selector', selector);
    if (!Array.isArray(scope) || scope.length === 0) return enter(instance, () => glue.has_scope(id, text(scope), false, any, target));
    // Each is looked at, so that a mistake in any of them shows.
    const found = scope.map((token) => enter(instance, () => glue.has_scope(id, text(token), true, any, target)));
    return any ? found.includes(true) : !found.includes(false);
  };

  return Object.freeze<Client<S>>({
    get session() {
      return snapshots.read();
    },
    subscribe: snapshots.subscribe,
    authorizeUrl(options) {
      const { url, state } = Object.fromEntries(new URLSearchParams(call('authorizeUrl', form('authorizeUrl', options))));
      return { url, state } as unknown as AuthorizationRequest;
    },
    prepare: async () => void (await run('prepare', () => '')),
    signIn: (options) => leave('signIn', () => form('signIn', options), options?.signal),
    upgrade: (scope, options) => leave('upgrade', () => scopes(scope, form('upgrade', options)), options?.signal),
    async handleCallback(url) {
      const found = await run('handleCallback', () => (url === undefined ? '' : new URLSearchParams({ url }).toString()));
      return found === undefined ? null : outcome<S>(found);
    },
    hasScope: (scope, selector) => has(scope, false, selector),
    hasAnyScope: (scope, selector) => has(scope, true, selector),
    missingScopes: (scope, selector) => list(call('missingScopes', scopes(scope, form('selector', selector)))),
    scopeStatus: (scope, selector) => call('scopeStatus', scopes(text(scope), form('selector', selector))) as ScopeStatus,
    explainScope: () => notYet('explainScope'),
    scopeReport: () => notYet('scopeReport'),
    async getAccessToken(options) {
      if (options?.signal?.aborted) throw new AuthError({ code: 'aborted', message: 'The caller aborted the call.', retryable: true });
      return call('getAccessToken', form('getAccessToken', options));
    },
    fetch: async () => notYet('fetch'),
    idToken: () => call('idToken') || null,
    userInfo: async () => notYet('userInfo'),
    signOut: async (options) => void (await run('signOut', () => form('signOut', options))),
    close() {
      snapshots.close();
      if (!instance.poison) glue.close(id);
    },
  });
}

/** A client's options as a form, and the application's own storage where it has one. */
function places({ storage, fetch, ...options }: ClientOptions): [string, unknown] {
  if (fetch !== undefined && typeof fetch !== 'function') throw invalid('"fetch" must be a function.');
  const given = new URLSearchParams(form('createClient', options));
  if (typeof storage === 'object' && storage) {
    const isAdapter = (['getItem', 'setItem', 'removeItem'] as const).every((name) => typeof storage[name] === 'function');
    if (!isAdapter) throw invalid('"storage" must be a name, or have getItem, setItem and removeItem.');
    given.set('storage', 'own');
    return [given.toString(), storage];
  }
  if (storage === 'indexeddb' || storage === 'worker') throw later(`storage "${storage}"`);
  if (storage !== undefined) given.set('storage', String(storage === ('own' as string) ? '' : storage));
  return [given.toString(), undefined];
}

/** What is no text is no scope: the module says so. */
function text(scope: unknown): string {
  return typeof scope === 'string' ? scope : '';
}

function notYet(name: string): never {
  throw later(name);
}
