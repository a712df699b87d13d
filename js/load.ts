import { AuthError, aborted, invalidOptions, toAuthError } from './error.js';
import createGlue from './generated/glue.js';
import { hashLike, strongest } from './hash.js';
import { isRemote, wasmSource } from './place.js';
import { notInBrowser } from './server.js';
import { isSignal } from './shapes.js';
import type { WasmSource } from './types.js';

/** One life of the module: from its instantiation until it traps. */
export interface Instance {
  /** Its own: closures that outlive a trap never call into the next instance. */
  readonly glue: ReturnType<typeof createGlue>;
  poison?: AuthError;
  readonly pending: Calls;
}

/** The calls that are under way: how to end each before its time. */
export type Calls = Set<(reason: AuthError) => void>;

let loading: Promise<Instance> | undefined;
let compiled: WebAssembly.Module | undefined;

/** What the module must hash to. Once it was said, no module of this page does without. */
let integrity: string | undefined;
let hashes: string[] | undefined;

export const isPage = typeof window !== 'undefined' && typeof document !== 'undefined';

/** The module that came with this script. */
const compileDefault = async () => compile(wasmSource());

/** On its way as soon as the script runs in a page, unless the application names another place in the same task. */
let early: Promise<WebAssembly.Module> | undefined;
if (isPage && isRemote) queueMicrotask(() => {
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
export function load(source?: WasmSource, demanded?: string): Promise<Instance> {
  if (demanded !== undefined && demanded !== integrity) demand(demanded);
  loading ??= start(source).catch((reason) => {
    loading = undefined;
    throw reason;
  });
  return loading;
}

function demand(demanded: string): void {
  const wanted = strongest(demanded);
  if (loading || compiled) throw invalidOptions('The module was loaded before with another "integrity", or without one. Call init with it before createClient, and before any other init.');
  if (!globalThis.crypto?.subtle) throw invalidOptions('"integrity" needs a secure context (https, or http on localhost): without one there is no crypto.subtle to check it with.');
  integrity = demanded;
  hashes = wanted;
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

/**
 * Makes an asynchronous call. It also ends where the instance traps meanwhile, the client is closed (`calls` are its own), or
 * the caller aborts; then the signal that the call is given says so.
 */
export function callAsync<T>(instance: Instance, calls: Calls, call: (ended: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal !== undefined && !isSignal(signal)) return Promise.reject(invalidOptions('"signal" must be an AbortSignal.'));
  return new Promise((resolve, reject) => {
    const ended = new AbortController();
    const end = (settle: () => void) => {
      instance.pending.delete(stop);
      calls.delete(stop);
      signal?.removeEventListener('abort', abort);
      settle();
    };
    const stop = (reason: unknown) => {
      end(() => reject(reason));
      ended.abort();
    };
    const abort = () => stop(aborted());
    if (signal?.aborted) return reject(aborted());
    instance.pending.add(stop);
    calls.add(stop);
    signal?.addEventListener('abort', abort);
    try {
      callSync(instance, () => call(ended.signal)).then((value) => end(() => resolve(value)), (thrown) => stop(toAuthError(thrown)));
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
  // Nobody else would: other tabs, and the next client, need not wait until the page is gone.
  instance.glue.releaseAll();
  for (const reject of [...instance.pending]) reject(instance.poison);
}

async function start(source?: WasmSource): Promise<Instance> {
  if (!isPage) throw notInBrowser();
  if (typeof TextDecoder === 'undefined' || typeof TextEncoder === 'undefined') throw unavailable(new Unavailable(NO_TEXT_CODERS));
  const glue = createGlue();
  const instance: Instance = { glue, pending: new Set() };
  try {
    compiled ??= await (source === undefined ? ((hashes ? undefined : takeEarly()) ?? compileDefault()) : compile(source));
    const exports = guarded(instance, (await WebAssembly.instantiate(compiled, ending(instance))).exports);
    glue.__wbg_set_wasm(exports);
    (exports['__wbindgen_start'] as (() => void) | undefined)?.();
  } catch (cause) {
    // What did not do is not tried again: there may be the right one by then.
    compiled = undefined;
    throw unavailable(cause);
  }
  return instance;
}

/**
 * The module's imports. A module that called out, and trapped when it was called back, gets no further than its next call: the
 * trap alone does not end the outer call, because the promise or event in between swallows what is thrown.
 */
function ending(instance: Instance): WebAssembly.Imports {
  const end = (call: (...args: unknown[]) => unknown) => (...args: unknown[]) => {
    if (instance.poison) throw instance.poison;
    return call(...args);
  };
  return Object.fromEntries(Object.entries(instance.glue.imports).map(([from, imports]) => [from, Object.fromEntries(
    Object.entries(imports).map(([name, value]) => [name, typeof value === 'function' ? end(value as never) : value]),
  )]));
}

/** What a call of a poisoned module comes to: no number, and no result in several parts, for the glue to read. */
const NOTHING: unknown[] = [];

/**
 * The module's exports under their own names, each watched for traps: timers, events and promises enter by them as well as
 * calls do. After a trap they do nothing.
 */
function guarded(instance: Instance, exports: WebAssembly.Exports): WebAssembly.Exports {
  const [mark] = WebAssembly.Module.customSections(compiled!, 'scopewise');
  if (!mark || new TextDecoder().decode(mark) !== instance.glue.mark) throw new Error('its mark is not that of the script');
  const guard = (call: (...args: unknown[]) => unknown) => (...args: unknown[]) => {
    if (instance.poison) return NOTHING;
    try {
      return call(...args);
    } catch (thrown) {
      // Nobody is to be told: `poison` rejects the calls that wait.
      poison(instance, thrown);
      return NOTHING;
    }
  };
  return Object.fromEntries(Object.entries(instance.glue.names).map(([name, short]) => {
    const value = exports[short]!;
    return [name, typeof value === 'function' ? guard(value as never) : value];
  }));
}

/** Compiles the module, while it loads where the server names its type and there is no hash to compare. */
async function compile(source: WasmSource): Promise<WebAssembly.Module> {
  const given: unknown = await (isAddress(source) ? get(source) : source);
  if (given instanceof WebAssembly.Module) {
    if (hashes) throw invalidOptions('"integrity" cannot go with a WebAssembly.Module, whose bytes are gone: give its bytes or its URL.');
    return given;
  }
  if (typeof Response === 'undefined' || !(given instanceof Response)) return compileBytes(bytesOf(given));
  const type = given.headers.get('content-type') ?? 'no type';
  const came = `${given.url || 'the response'} came with status ${given.status} and ${type}`;
  if (!given.ok) throw new Unavailable(`${came}. ${NOT_COPIED}`);
  if (type === 'application/wasm' && !hashes) return WebAssembly.compileStreaming(given);
  const bytes = await given.arrayBuffer();
  const isModule = String(new Uint8Array(bytes.slice(0, 4))) === MAGIC;
  if (!isModule) throw new Unavailable(`${came}, and is no WebAssembly. ${/html/i.test(type) ? NOT_COPIED : WRONG_FILE}`);
  return compileBytes(bytes);
}

/** Bytes may be of another realm, and in a view of any kind: Chromium compiles no DataView. */
function bytesOf(given: unknown): BufferSource {
  if (ArrayBuffer.isView(given)) return new Uint8Array(given.buffer as ArrayBuffer, given.byteOffset, given.byteLength);
  if (Object.prototype.toString.call(given) === '[object ArrayBuffer]') return given as ArrayBuffer;
  throw invalidOptions('"source" of init must be a URL, a Request, a Response or a promise of one, the bytes, or a WebAssembly.Module.');
}

async function compileBytes(bytes: BufferSource): Promise<WebAssembly.Module> {
  if (hashes) {
    const hash = await hashLike(hashes[0]!, bytes);
    if (!hashes.includes(hash)) throw new Unavailable(`Its hash is ${hash}, and "integrity" demands ${hashes.join(' or ')}. ${WRONG_HASH}`);
  }
  return WebAssembly.compile(bytes);
}

/** How every module begins: "\0asm". */
const MAGIC = '0,97,115,109';

const isAddress = (source: unknown): source is string | URL | Request =>
  typeof source === 'string' || source instanceof URL || (typeof Request !== 'undefined' && source instanceof Request);

/** Why there is no module, in words that go into the message. */
class Unavailable extends Error {}

const NOT_COPIED = 'Rollup and esbuild do not copy the file: copy it beside the script, or import "scopewise/inline", which needs no file. '
  + 'Vite before 8 moves the script without it while you develop: list scopewise in optimizeDeps.exclude, in Angular in prebundle.exclude. Recipes: https://github.com/scopewise/scopewise/blob/main/docs/bundlers.md';
const WRONG_FILE = 'Is it the right file, of the same version?';
const WRONG_HASH = 'It is of another version, or was changed: compare with the hash that "scopewise/integrity.js" of your version exports';
const IN_TESTS = 'This looks like a test environment: import "scopewise/inline", or give the bytes of the file to init() before createClient()';
const NO_TEXT_CODERS = 'There is no TextDecoder or no TextEncoder here. This looks like Jest with jsdom: take both from node:util in a file of "setupFiles"';

async function get(source: string | URL | Request): Promise<Response> {
  const url = typeof source === 'string' || source instanceof URL ? String(source) : source.url;
  if (typeof fetch === 'undefined' || typeof Response === 'undefined') throw new Unavailable(`${url} cannot be fetched: there is no fetch or no Response here. ${IN_TESTS}`);
  try {
    return await fetch(source);
  } catch (cause) {
    const hint = /^file:/.test(url) ? `A file: URL cannot be fetched. ${IN_TESTS}, or serve the page by HTTP` : "Check the network, and the page's connect-src";
    throw new Unavailable(`${url} could not be fetched. ${hint}`, { cause });
  }
}

function unavailable(cause: unknown): AuthError {
  if (cause instanceof AuthError) return cause;
  const isOfNetwork = cause instanceof Unavailable;
  if (!isOfNetwork && /content security policy|blocked by csp|unsafe-eval/i.test(String(cause))) {
    const message = "The page's Content Security Policy forbids WebAssembly. Add 'wasm-unsafe-eval' to its script-src directive.";
    return new AuthError({ code: 'wasm_blocked_by_csp', message }, cause);
  }
  const why = isOfNetwork ? cause.message : `It is not sound, or of another version: ${String(cause)}`;
  const message = `The module could not be loaded. ${why}. Serve scopewise_bg.wasm beside the script, or give its URL to init().`;
  return new AuthError({ code: 'wasm_unavailable', message, retryable: true }, cause);
}
