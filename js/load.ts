import { AuthError, lift } from './error.js';
import * as glue from './generated/scopewise.js';
import type { WasmSource } from './types.js';

/** One life of the module: from its instantiation until it traps. */
export interface Instance {
  poison?: AuthError;
  /** How to reject the calls that are under way. */
  readonly pending: Set<(reason: AuthError) => void>;
}

let loading: Promise<Instance> | undefined;
let current: Instance | undefined;

/** Loads the module once per page; again only after it failed to load, or trapped. */
export function load(source?: WasmSource): Promise<Instance> {
  loading ??= start(source).catch((reason) => {
    loading = undefined;
    throw reason;
  });
  return loading;
}

/** Makes a synchronous call. What it throws is an AuthError; a trap ends the instance. */
export function enter<T>(instance: Instance, call: () => T): T {
  if (instance.poison) throw instance.poison;
  try {
    return call();
  } catch (thrown) {
    throw lift(thrown) ?? poison(instance, thrown);
  }
}

/** Makes an asynchronous call. It also ends where the instance traps meanwhile, or the caller aborts. */
export async function settle<T>(instance: Instance, call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  const answer = enter(instance, call);
  const { pending } = instance;
  let abort: (() => void) | undefined;
  if (pending.size === 0) addEventListener('error', probe);
  return new Promise<T>((resolve, reject) => {
    pending.add(reject);
    abort = () => {
      pending.delete(reject);
      reject(new AuthError({ code: 'aborted', message: 'The caller aborted the call.', retryable: true }));
    };
    signal?.addEventListener('abort', abort);
    answer
      .then(resolve, (thrown) => reject(lift(thrown) ?? poison(instance, thrown)))
      .finally(() => pending.delete(reject));
  }).finally(() => {
    if (abort) signal?.removeEventListener('abort', abort);
    if (pending.size === 0) removeEventListener('error', probe);
  });
}

/**
 * A trap inside a microtask reaches nobody but the window. Asked in a task of its own, when none of the module's
 * calls can be on the stack, the module knows of a poll that never ended.
 */
function probe(event: ErrorEvent): void {
  setTimeout(() => {
    if (current && !current.poison && glue.trapped()) poison(current, event.error);
  });
}

function poison(instance: Instance, cause: unknown): AuthError {
  const message = 'The module stopped at an internal error. Create a new client; the stored session is still there.';
  const reason = new AuthError({ code: 'instance_poisoned', message, retryable: true }, cause);
  instance.poison = reason;
  loading = undefined;
  removeEventListener('error', probe);
  for (const reject of instance.pending) reject(reason);
  instance.pending.clear();
  return reason;
}

async function start(source?: WasmSource): Promise<Instance> {
  if (typeof window === 'undefined' || typeof document === 'undefined') {
    const message = 'scopewise runs in a browser page. With server-side rendering, call it on the client only.';
    throw new AuthError({ code: 'not_in_browser', message });
  }
  try {
    if (current) glue.__wbg_reset_state();
    else await glue.default({ module_or_path: await compile(source ?? new URL('./scopewise_bg.wasm', import.meta.url)) });
  } catch (cause) {
    throw unavailable(cause);
  }
  return (current = { pending: new Set() });
}

async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return WebAssembly.compile(source);
  const response = await (typeof source === 'string' || source instanceof URL || source instanceof Request ? fetch(source) : source);
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  // Streaming wants the right MIME type; not every server knows it.
  const streams = response.headers.get('content-type')?.startsWith('application/wasm');
  return streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer());
}

function unavailable(cause: unknown): AuthError {
  const text = String(cause);
  if (/content security policy|blocked by csp|unsafe-eval/i.test(text)) {
    const message = "The page's Content Security Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src directive.";
    return new AuthError({ code: 'wasm_blocked_by_csp', message }, cause);
  }
  const mismatch = typeof WebAssembly === 'object' && cause instanceof WebAssembly.LinkError;
  const message = mismatch
    ? 'scopewise_bg.wasm and the script are of different versions. Clear stale copies from caches.'
    : 'The file scopewise_bg.wasm could not be loaded. Check that it is served beside the script, or give its URL to init().';
  return new AuthError({ code: 'wasm_unavailable', message, retryable: !mismatch }, cause);
}
