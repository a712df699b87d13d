import { AuthError, aborted, list, member, members } from './error.js';
import { explain } from './explain.js';
import { caller } from './fetch.js';
import { openPopup } from './popup.js';
import { remote } from './remote.js';
import { Used } from './used.js';
import { enter, load, settle } from './load.js';
import { Call, Run, invalid, record, scopes } from './options.js';
import { Snapshots, freeze, outcome, withoutPrototype } from './session.js';
import type { SignInOptions, AuthorizationOutcome, AuthorizationRequest, Client, ClientOptions, GrantSelector, Scope, ScopeReport, ScopeStatus, WasmSource } from './types.js';

export { AuthError };
export type * from './types.js';

/** Loads and compiles the module, once per page. `createClient` calls it; call it earlier to overlap it with other work. */
export async function init(source?: WasmSource): Promise<void> {
  await load(source);
}

/** Loads the module, restores a stored session if there is one, and resolves to a ready client. */
export async function createClient<const S extends string = string>(options: ClientOptions<S>): Promise<Client<S>> {
  const instance = await load();
  const { glue } = instance;
  if (!options) throw invalid('createClient needs an options object.');
  const given = place(options);
  const snapshots = new Snapshots<S>(instance);
  const worker = options.storage === 'worker' ? await remote() : undefined;
  const host = { fetch: worker?.fetch ?? options.fetch, storage: options.storage, changed: snapshots.changed };
  const id = +(await settle(instance, (done) => glue.open(given, host, done)))!;
  snapshots.open(id);

  const call = (method: Call, given = '') => enter(instance, () => glue.call(id, method, given));
  const run = async (method: Run, fields: string, { signal, popup }: Page = own({})) => {
    if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalid('"signal" must be an AbortSignal.');
    return await settle(instance, (done) => glue.run(id, method, fields, { signal, popup }, done), signal);
  };
  const leave = async (method: Run, fields: string, options: SignInOptions<S> = {}, asks = true): Promise<AuthorizationOutcome<S>> => {
    const { mode, signal } = own(options);
    if (signal?.aborted) throw aborted();
    const popup = mode === 'popup' ? asks && openPopup() : undefined;
    const running = run(method, fields, { signal, popup });
    if (popup) void running.finally(() => popup.close()).catch(() => {});
    const found = await running;
    // Nothing comes back from a call that leaves the page; neither does its promise.
    return found === undefined ? new Promise(() => {}) : outcome<S>(found);
  };
  const used = new Used<S>(() => snapshots.read().signedIn);
  // A session that ends takes the list along.
  snapshots.subscribe(() => used.note(undefined));
  const missing = (scope: Scope<S>, selector?: GrantSelector) => {
    const found = list<S>(call(Call.missingScopes, scopes(scope, record('selector', selector))));
    used.note(scope, selector);
    return found;
  };
  const covers = (scope: Scope<S>, selector?: GrantSelector) => {
    const given = record('selector', selector);
    const found = typeof scope === 'string' ? enter(instance, () => glue.has_scope(id, scope, given)) : 2;
    if (found > 1) return missing(scope, selector).length === 0;
    used.note(scope, selector);
    return found === 1;
  };

  const upgrade: Client<S>['upgrade'] = async (scope, options) => {
    const given = scopes(scope, record('upgrade', options));
    used.note(scope, options);
    const { prompt, acrValues, maxAge, audience, resource, params } = own(options ?? {});
    const more = own(params ?? {});
    const isStepUp = (prompt ?? acrValues ?? maxAge ?? more.prompt ?? more.acr_values ?? more.max_age) !== undefined;
    // No popup where nothing is going to be asked.
    const asks = snapshots.read().signedIn && (isStepUp || !covers(scope, { audience, resource } as GrantSelector));
    return leave(Run.upgrade, given, options, asks);
  };

  const renewed = async (given: string, signal?: AbortSignal) => (await run(Run.renew, given, { signal }))!;
  const accessToken: Client<S>['getAccessToken'] = async (options) => {
    const { scope, signal } = own(options ?? {});
    if (signal?.aborted) throw aborted();
    const given = record('getAccessToken', options);
    used.note(scope, options);
    return call(Call.getAccessToken, given) || renewed(given, signal);
  };

  return Object.freeze<Client<S>>({
    get session() {
      return snapshots.read();
    },
    subscribe: snapshots.subscribe,
    authorizeUrl(options) {
      const { url, state } = members(call(Call.authorizeUrl, record('authorizeUrl', options)));
      return { url, state } as unknown as AuthorizationRequest;
    },
    prepare: async () => void (await run(Run.prepare, '')),
    signIn: async (options) => leave(Run.signIn, record('signIn', options), options),
    upgrade,
    async handleCallback(url) {
      const found = await run(Run.handleCallback, url === undefined ? '' : member('url', url));
      return found === undefined ? null : outcome<S>(found);
    },
    hasScope: covers,
    hasAnyScope(scope, selector) {
      const lacking = missing(scope, selector);
      return (typeof scope === 'string' ? list(scope) : scope).some((one) => one && !lacking.includes(one as S));
    },
    missingScopes: missing,
    scopeStatus: (scope, selector) => call(Call.scopeStatus, scopes(typeof scope === 'string' ? scope : '', record('selector', selector))) as ScopeStatus,
    explainScope: (scope, selector) => explain(scope, call(Call.explainScope, scopes(typeof scope === 'string' ? scope : '', record('selector', selector)))),
    scopeReport() {
      const known = String(used);
      const { requested, granted, denied, unused, unrequested } = members(call(Call.scopeReport, member('used', known)));
      return freeze<ScopeReport<S>>({
        requested: list(requested),
        granted: list(granted),
        denied: list(denied),
        used: list(known),
        unused: list(unused),
        unrequested: list(unrequested),
      });
    },
    getAccessToken: accessToken,
    fetch: caller<S>({ fetch: options.fetch, call, renewed, use: (scope) => used.note(scope), upgrade }),
    idToken: () => call(Call.idToken) || null,
    async userInfo() {
      // A token that lasts is there afterwards.
      await accessToken();
      return freeze(JSON.parse((await run(Run.userInfo, ''))!, withoutPrototype));
    },
    signOut: async (options) => void (await run(Run.signOut, record('signOut', options))),
    close() {
      snapshots.close();
      if (!instance.poison) call(Call.close);
      worker?.close();
    },
  });
}

/** Without what somebody may have added to every object. */
const own = <T extends object>(options: T): T => ({ __proto__: null, ...options });

/** What a call has of the page. */
interface Page {
  signal?: AbortSignal | undefined;
  /** Null where the browser blocked it, false where nothing was going to be asked. */
  popup?: Window | null | false | undefined;
}

/** A client's options as a record. Its own storage and fetch stay on this side. */
function place({ storage, fetch, ...options }: ClientOptions): string {
  if (fetch !== undefined && typeof fetch !== 'function') throw invalid('"fetch" must be a function.');
  let given = record('createClient', options);
  const isAdapter = (store: object) => ['getItem', 'setItem', 'removeItem'].every((name) => typeof store[name as never] === 'function');
  if (typeof storage === 'object' && storage) {
    if (!isAdapter(storage)) throw invalid('"storage" must be a name, or have getItem, setItem and removeItem.');
    given += member('storage', 'own');
  } else if (storage !== undefined) {
    if (!['session', 'local', 'memory', 'indexeddb', 'worker'].includes(storage)) throw invalid('"storage" must be session, local, memory, indexeddb, worker or an adapter.');
    if (storage === 'worker' && fetch) throw invalid('"fetch" cannot go with storage worker: requests for tokens are the worker\'s.');
    given += member('storage', storage);
  }
  return given;
}

