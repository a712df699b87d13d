import { AuthError, aborted, invalidOptions } from './error.js';
import { callAsync, callSync, isPage, load, type Calls } from './load.js';
import { optionsCopy, ownMembers, plainCopy, urlText, withPromise, withPromises } from './options.js';
import { checkListener, serverClient, tokensOf } from './server.js';
import { Snapshots, freeze, published, type Module, type State } from './session.js';
import { startTokenWorker } from './worker-client.js';
import type { ApiScopes, AuthorizationOutcome, AuthorizationRequest, AuthorizeOptions, Claims, Client, ClientOptions, DescribedScope, FetchOptions, GrantSelector, InitOptions, Scope, ScopeReport, ScopeStatus, Session, SignInOptions, TokenOptions, UpgradeOptions, WasmSource, WithSignedResponse } from './types.js';

export { AuthError };
export type { AuthErrorDetails, AuthErrorOf } from './error.js';
export type * from './types.js';

/**
 * Loads and compiles the module, once per page. `createClient` calls it; call it earlier to overlap it with other work, or
 * to say where the module is and what it must hash to.
 */
export async function init(source?: WasmSource, options?: InitOptions): Promise<void> {
  const { integrity, ...others } = ownMembers<InitOptions>(options);
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw invalidOptions(`init has no option "${unknown}". It has "integrity".`);
  await load(source, integrity);
}

/**
 * Loads the module, restores a stored session if there is one, and resolves to a ready client. On a server nobody is signed in, and
 * nothing is loaded. With a type argument, such as `createClient<'openid' | 'read:x'>(…)`, no other scope can be named; without one,
 * any text is a scope, whatever the options name.
 */
export async function createClient<S extends string = string>(options: ClientOptions<NoInfer<S>>): Promise<Client<S>> {
  if (!isPage) return serverClient(options?.scopes ?? {});
  const instance = await load();
  const { fetch: applicationFetch, storage, ...rest } = ownMembers(options);
  const isAdapter = typeof storage === 'object' && storage !== null;
  if (storage === 'worker' && applicationFetch) throw invalidOptions('"fetch" cannot go with storage worker: requests for tokens are the worker\'s.');
  const crossed = optionsCopy(options === undefined ? null : isAdapter ? rest : { ...rest, storage });
  // Whatever the application's own throws or returns, the module gets a promise.
  const ownFetch = typeof applicationFetch === 'function' ? withPromise(applicationFetch) : applicationFetch;
  const ownStorage = isAdapter ? withPromises(storage, ['getItem', 'setItem', 'removeItem']) : undefined;
  const worker = storage === 'worker' ? await startTokenWorker() : undefined;
  const calls: Calls = new Set();
  const sync = <T>(call: () => T) => callSync(instance, call);
  const async = <T>(call: (ended: AbortSignal) => Promise<T>, signal?: AbortSignal) => callAsync(instance, calls, call, signal);
  const missingScopes = (scope: Scope<S>, selector?: GrantSelector): S[] => sync(() => module.missingScopes(plainCopy(scope), optionsCopy(selector)));
  const snapshots = new Snapshots<S>(sync, missingScopes, (scope) => tokensOf(plainCopy(scope)));
  // As src/wasm/surroundings.rs reads them.
  const surroundings = {
    fetch: worker?.fetch ?? ownFetch,
    apiFetch: ownFetch,
    storage: ownStorage,
    endpoints: worker?.endpoints,
    signingKeys: worker?.signingKey,
    changed() {
      snapshots.changed();
      if (worker) opening.then((module) => worker.hold(sync(() => (module.state() as State).held!))).catch(() => {});
    },
  };
  const opening: Promise<Module> = async(() => instance.glue.Client.open(crossed, surroundings));
  const module = await opening.catch((reason) => {
    worker?.close();
    throw reason;
  });
  snapshots.open(module);
  const isPoisoned = () => instance.poison !== undefined;
  const endCalls = () => {
    worker?.close();
    for (const stop of [...calls]) stop(aborted('The client was closed.'));
  };
  return client({ snapshots, module, sync, async, isPoisoned, missingScopes, endCalls });
}

/** What a client is made of. */
interface Parts<S extends string> {
  readonly snapshots: Snapshots<S>;
  readonly module: Module;
  sync<T>(call: () => T): T;
  async<T>(call: (ended: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T>;
  isPoisoned(): boolean;
  missingScopes(scope: Scope<S>, selector?: GrantSelector): S[];
  /** Ends those that are under way, and the worker once it has nothing to do. */
  endCalls(): void;
}

function client<S extends string>({ snapshots, module, sync, async, isPoisoned, missingScopes, endCalls }: Parts<S>): Client<S> {
  let isClosed = false;
  const isOver = () => isClosed || isPoisoned();
  const { checked, hasScope, hasAnyScope } = checks(snapshots, missingScopes, isOver);
  return Object.freeze<Client<S>>({
    get session(): Session<S> {
      return snapshots.read();
    },
    subscribe(listener) {
      checkListener(listener);
      return snapshots.subscribe(listener);
    },
    authorizeUrl: (options?: WithSignedResponse<AuthorizeOptions<S>>) => ({ ...(sync(() => module.authorizeUrl(optionsCopy(options))) as AuthorizationRequest) }),
    prepare: () => async(() => module.prepare()),
    async signIn(options?: WithSignedResponse<SignInOptions<S>>) {
      const { signal, ...rest } = ownMembers(options);
      return published(await async<AuthorizationOutcome<S>>((ended) => module.signIn(optionsCopy(rest), ended), signal));
    },
    async upgrade(scope: Scope<S>, options?: WithSignedResponse<UpgradeOptions<S>>) {
      const { signal, ...rest } = ownMembers(options);
      return published(await async<AuthorizationOutcome<S>>((ended) => module.upgrade(plainCopy(scope), optionsCopy(rest), ended), signal));
    },
    async handleCallback(url) {
      if (url !== undefined && typeof url !== 'string') throw invalidOptions('"url" must be a string.');
      const outcome = await async<AuthorizationOutcome<S> | null>(() => module.handleCallback(url));
      return outcome && published(outcome);
    },
    hasScope,
    hasAnyScope,
    missingScopes,
    scopeStatus: (scope, selector) => sync(() => module.scopeStatus(scope, optionsCopy(selector))) as ScopeStatus,
    explainScope: (scope, selector) => sync(() => module.explainScope(scope, optionsCopy(selector))),
    describeScopes: (scope, options) => freeze(sync(() => module.describeScopes(plainCopy(scope), optionsCopy(options))) as DescribedScope<S>[]),
    scopeReport: () => published(sync(() => module.scopeReport(checked())) as ScopeReport<S>),
    async getAccessToken(options) {
      const token = options === undefined && !isOver() ? snapshots.freshToken() : undefined;
      if (token !== undefined) return token;
      const { signal, ...rest } = ownMembers<TokenOptions<S>>(options);
      return async<string>(() => module.getAccessToken(optionsCopy(rest)), signal);
    },
    async fetch(input, options) {
      // The platform's fetch takes null for none.
      const { scope, audience, resource, onMissing, ...init } = ownMembers<FetchOptions<S>>(options ?? undefined);
      return async<Response>(() => module.fetch(input, ownMembers(init), optionsCopy({ scope, audience, resource, onMissing })));
    },
    apiScopes: async (url) => published(await async<ApiScopes<S>>(() => module.apiScopes(urlText(url)))),
    async dpopProof(url, method = 'GET', options) {
      if (typeof method !== 'string') throw invalidOptions('"method" must be a string.');
      return async<string>(() => module.dpopProof(urlText(url), method, optionsCopy(options)));
    },
    idToken: () => sync(() => module.idToken()),
    userInfo: async () => freeze(await async<Claims>(() => module.userInfo())),
    signOut: (options) => async(() => module.signOut(optionsCopy(options))),
    close() {
      if (!isClosed) {
        isClosed = true;
        snapshots.close();
        if (!isPoisoned()) sync(() => module.close());
      }
      endCalls();
    },
  });
}

/** The checks that are cheap enough for render: they look up what the module worked out. */
function checks<S extends string>(snapshots: Snapshots<S>, missingScopes: Parts<S>['missingScopes'], isOver: () => boolean) {
  /** Of the default audience, since the session began. */
  const checkedScopes = new Set<string>();
  /** Scopes that the module has not refused as such. */
  const soundScopes = new Set<string>();
  // The list is of one session: it ends with it.
  const checked = () => {
    if (!snapshots.read().signedIn) checkedScopes.clear();
    return [...checkedScopes];
  };
  snapshots.subscribe(checked);
  const hasScope = (scope: Scope<S>, selector?: GrantSelector): boolean => {
    const isDefault = selector === undefined;
    if (typeof scope === 'string' && isDefault && !isOver()) {
      const isThere = snapshots.covers(scope);
      if (isThere || soundScopes.has(scope)) {
        checkedScopes.add(scope);
        return isThere;
      }
    }
    const isThere = missingScopes(scope, selector).length === 0;
    if (typeof scope === 'string' && isDefault && !scope.includes(' ') && soundScopes.size < MAX_SOUND_SCOPES) soundScopes.add(scope);
    return isThere;
  };
  const hasAnyScope = (scope: Scope<S>, selector?: GrantSelector): boolean => {
    const missing = missingScopes(scope, selector);
    return tokensOf(scope).some((one) => !missing.includes(one));
  };
  return { checked, hasScope, hasAnyScope };
}

/** A bound on `soundScopes`, well above what an application checks. */
const MAX_SOUND_SCOPES = 1000;
