import { AuthError, aborted, invalidOptions, toAuthError } from './error.js';
import createGlue from './generated/glue.js';
import type { WasmSource } from './types.js';

/** One life of the module: from its instantiation until it traps. */
export interface Instance {
  /** Its own: closures that outlive a trap never call into the next instance. */
  readonly glue: ReturnType<typeof createGlue>;
  poison?: AuthError;
  /** How to reject the calls that are under way. */
  readonly pending: Set<(reason: AuthError) => void>;
}

let loading: Promise<Instance> | undefined;
let compiled: WebAssembly.Module | undefined;

const isPage = typeof window !== 'undefined' && typeof document !== 'undefined';

/** The module that lies beside this script. */
const compileDefault = () => compile(new URL('./scopewise_bg.wasm', import.meta.url));

/** On its way as soon as the script runs in a page, unless the application names another place in the same task. */
let early: Promise<WebAssembly.Module> | undefined;
if (isPage) queueMicrotask(() => {
  if (loading) return;
  early = compileDefault();
  // Whoever loads it hears why it failed.
  early.catch(() => {});
});

/** The early module, once: after a failure there is another try. */
function takeEarly(): Promise<WebAssembly.Module> | undefined {
  const taken = early;
  early = undefined;
  return taken;
}

/** Loads the module once per page; again only after it failed to load, or trapped. */
export function load(source?: WasmSource): Promise<Instance> {
  loading ??= start(source).catch((reason) => {
    loading = undefined;
    throw reason;
  });
  return loading;
}

/** Makes a synchronous call. What it throws is an AuthError; a trap ends the instance. */
export function callSync<T>(instance: Instance, call: () => T): T {
  if (instance.poison) throw instance.poison;
  let result: T;
  try {
    result = call();
  } catch (thrown) {
    throw instance.poison ?? toAuthError(thrown);
  }
  if (instance.poison) throw instance.poison;
  return result;
}

/** Makes an asynchronous call. It also ends where the instance traps meanwhile, or the caller aborts. */
export function callAsync<T>(instance: Instance, call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal !== undefined && !(signal instanceof AbortSignal)) return Promise.reject(invalidOptions('"signal" must be an AbortSignal.'));
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      instance.pending.delete(stop);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const stop = (reason: unknown) => end(() => reject(reason));
    const abort = () => stop(aborted());
    if (signal?.aborted) return reject(aborted());
    instance.pending.add(stop);
    signal?.addEventListener('abort', abort);
    try {
      callSync(instance, call).then((value) => end(() => resolve(value)), (thrown) => stop(toAuthError(thrown)));
    } catch (reason) {
      stop(reason);
    }
  });
}

/** Ends an instance. Its clients throw from now on, and the next `createClient` starts afresh. */
function poison(instance: Instance, cause: unknown): void {
  if (instance.poison) return;
  const message = 'The module stopped at an internal error. Create a new client; the stored session is still there.';
  instance.poison = new AuthError({ code: 'instance_poisoned', message, retryable: true }, cause);
  loading = undefined;
  for (const reject of [...instance.pending]) reject(instance.poison);
}

async function start(source?: WasmSource): Promise<Instance> {
  if (!isPage) {
    const message = 'scopewise runs in browser pages only, not on a server.';
    throw new AuthError({ code: 'not_in_browser', message });
  }
  const glue = createGlue();
  const instance: Instance = { glue, pending: new Set() };
  try {
    compiled ??= await (source === undefined ? (takeEarly() ?? compileDefault()) : compile(source));
    const exports = guarded(instance, (await WebAssembly.instantiate(compiled, glue.imports)).exports);
    glue.__wbg_set_wasm(exports);
    (exports['__wbindgen_start'] as (() => void) | undefined)?.();
  } catch (cause) {
    throw unavailable(cause);
  }
  return instance;
}

/** What a call of a poisoned module comes to: no number, and no result in several parts, for the glue to read. */
const NOTHING: unknown[] = [];

/**
 * The module's exports under their own names, each watched for traps: timers, events and promises enter by them as well as
 * calls do. After a trap they do nothing.
 */
function guarded(instance: Instance, exports: WebAssembly.Exports): WebAssembly.Exports {
  let depth = 0;
  const guard = (call: (...args: unknown[]) => unknown) => (...args: unknown[]) => {
    if (instance.poison) return NOTHING;
    depth += 1;
    try {
      return call(...args);
    } catch (thrown) {
      poison(instance, thrown);
      // The module called out and was called back: its outer call must not go on. At the outermost call there is nobody to
      // tell, because `poison` has rejected the calls that wait.
      if (depth > 1) throw thrown;
      return NOTHING;
    } finally {
      depth -= 1;
    }
  };
  return Object.fromEntries(Object.entries(instance.glue.names).map(([name, short]) => {
    const value = exports[short]!;
    return [name, typeof value === 'function' ? guard(value as never) : value];
  }));
}

/** Compiles the module, while it loads where the server names its type. */
async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  let given = await (typeof source === 'string' || source instanceof URL || source instanceof Request ? fetch(source) : source);
  if (given instanceof Response) {
    if (!given.ok) throw new Error(`HTTP status ${given.status}`);
    if (given.headers.get('content-type') === 'application/wasm') return WebAssembly.compileStreaming(given);
    given = await given.arrayBuffer();
  }
  return given instanceof WebAssembly.Module ? given : WebAssembly.compile(given);
}

function unavailable(cause: unknown): AuthError {
  if (/content security policy|blocked by csp|unsafe-eval/i.test(String(cause))) {
    const message = "The page's Content Security Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src directive.";
    return new AuthError({ code: 'wasm_blocked_by_csp', message }, cause);
  }
  const message =
    'scopewise_bg.wasm could not be loaded. Serve it beside the script and of the same version, or give its URL to init().';
  return new AuthError({ code: 'wasm_unavailable', message, retryable: true }, cause);
}
