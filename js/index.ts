import { AuthError } from './error.js';
import * as glue from './generated/scopewise.js';
import { enter, load, settle, type Instance } from './load.js';
import type {
  AuthorizationOutcome,
  AuthorizationRequest,
  Client,
  ClientOptions,
  GrantSelector,
  Scope,
  ScopeStatus,
  Session,
  WasmSource,
} from './types.js';

export { AuthError };
export type * from './types.js';

/** Loads and compiles the module, once per page. `createClient` calls it; call it earlier to overlap it with other work. */
export async function init(source?: WasmSource): Promise<void> {
  await load(source);
}

/** Loads the module, restores a stored session if there is one, and resolves to a ready client. */
export async function createClient<const S extends string = string>(options: ClientOptions<S>): Promise<Client<S>> {
  const instance = await load();
  const store = new Snapshots<S>(instance);
  const id = await settle<number>(instance, () => glue.open(options, store.changed));
  store.open(id);

  const on = <T>(call: () => T): T => enter(instance, call);
  const leave = async (call: () => Promise<unknown>, signal?: AbortSignal): Promise<AuthorizationOutcome<S>> =>
    // Nothing comes back from a call that leaves the page; neither does its promise.
    outcome<S>(await settle(instance, call, signal)) ?? new Promise(() => {});
  const has = (scope: Scope<S>, any: boolean, selector?: GrantSelector): boolean => {
    if (!Array.isArray(scope) || scope.length === 0) return on(() => glue.has_scope(id, text(scope), false, any, selector));
    // Each is looked at, so that a mistake in any of them shows.
    const found = scope.map((token) => on(() => glue.has_scope(id, text(token), true, any, selector)));
    return any ? found.includes(true) : !found.includes(false);
  };

  return Object.freeze<Client<S>>({
    get session() {
      return store.read();
    },
    subscribe: store.subscribe,
    authorizeUrl(request) {
      const [url, state] = on(() => glue.authorize_url(id, request));
      return { url, state } as AuthorizationRequest;
    },
    prepare: () => settle(instance, () => glue.prepare(id)),
    signIn: (request) => leave(() => glue.sign_in(id, request), request?.signal),
    upgrade: (scope, request) => leave(() => glue.upgrade(id, scope, request), request?.signal),
    handleCallback: async (url) => outcome<S>(await settle(instance, () => glue.handle_callback(id, url))) ?? null,
    hasScope: (scope, selector) => has(scope, false, selector),
    hasAnyScope: (scope, selector) => has(scope, true, selector),
    missingScopes: (scope, selector) => on(() => glue.missing_scopes(id, scope, selector)),
    scopeStatus: (scope, selector) => on(() => glue.scope_status(id, scope, selector)) as ScopeStatus,
    explainScope: () => notYet('explainScope'),
    scopeReport: () => notYet('scopeReport'),
    getAccessToken: async (request) => on(() => glue.access_token(id, request)),
    fetch: async () => notYet('fetch'),
    idToken: () => on(() => glue.id_token(id)),
    userInfo: async () => notYet('userInfo'),
    signOut: (request) => settle(instance, () => glue.sign_out(id, request)),
    close() {
      store.close();
      if (!instance.poison) glue.close(id);
    },
  });
}

/** Snapshots of the session: made when asked for, the same object for as long as the content is the same. */
class Snapshots<S extends string> {
  #id?: number;
  #latest?: Session<S>;
  #json?: string;
  #told?: Session<S>;
  #stale = true;
  #listeners = new Set<() => void>();

  constructor(readonly instance: Instance) {}

  open(id: number): void {
    this.#id = id;
    this.#told = this.read();
  }

  close(): void {
    this.#listeners.clear();
    this.#stale = false;
  }

  read(): Session<S> {
    const id = this.#id;
    if (id !== undefined && this.#stale && !this.instance.poison) {
      const next = enter(this.instance, () => glue.session(id));
      const json = JSON.stringify(next);
      if (json !== this.#json) this.#latest = freeze(next);
      this.#json = json;
      this.#stale = false;
    }
    return this.#latest!;
  }

  /** Called by the module; listeners wait until it is done. */
  changed = (): void => {
    this.#stale = true;
    queueMicrotask(() => this.#tell());
  };

  subscribe = (listener: () => void): (() => void) => {
    // Wrapped, so that the same function may listen twice.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  };

  #tell(): void {
    if (this.#id === undefined || this.read() === this.#told) return;
    this.#told = this.read();
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (thrown) {
        // The application's own error, where it looks for such.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}

function outcome<S extends string>(record: unknown): AuthorizationOutcome<S> | undefined {
  if (!record) return undefined;
  const { appState, ...rest } = record as AuthorizationOutcome<S>;
  return freeze({ ...rest, appState: typeof appState === 'string' ? JSON.parse(appState) : undefined });
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}

/** What is no text is no scope: the module says so. */
function text(scope: unknown): string {
  return typeof scope === 'string' ? scope : '';
}

function notYet(name: string): never {
  throw new AuthError({ code: 'invalid_options', message: `${name} is not supported yet.` });
}
