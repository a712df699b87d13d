import { AuthError } from './error.js';
import { startWorker, workerAddress } from './place.js';
import type { PublicKey } from './worker-key.js';
import type { Endpoints, Reply, Task, WorkerMessage, WorkerResponse } from './worker.js';

/** `fetch` whose forms are sent by a dedicated worker, which keeps refresh tokens to itself, and the way to end it. */
export interface TokenWorker {
  readonly fetch: typeof globalThis.fetch;
  /** Hears where the worker may send them. */
  endpoints(token: string, revocation: string | undefined): void;
  /** Hears which refresh tokens the session has, by their names: the worker forgets all others. */
  hold(names: readonly string[]): void;
  /** The key that tokens are bound to: the one with this `x`, if it is still there, or else the worker's own. */
  signingKey(name: string, x: string | undefined): Promise<(PublicKey & { readonly isKept: boolean; sign(text: string): Promise<Uint8Array> }) | undefined>;
  close(): void;
}

/** What a page with Trusted Types has to allow. */
const POLICY = 'scopewise';

interface Policy {
  createScriptURL(url: string): string;
}

let policy: Policy | undefined;

/** Starts the worker where the page demands Trusted Types. The policy is made once: a second one of its name is refused. */
function startTrusted(): Worker {
  const { trustedTypes } = globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } };
  policy ??= trustedTypes?.createPolicy(POLICY, { createScriptURL: (url) => url });
  if (!policy) throw new TypeError('there are no Trusted Types');
  return new Worker(policy.createScriptURL(workerAddress()), { type: 'module' });
}

function start(): Worker {
  try {
    return startWorker();
  } catch (cause) {
    // What Trusted Types refuse is a TypeError in all browsers; its words differ.
    if (!(cause instanceof TypeError)) throw failed(NOT_STARTED, cause);
  }
  try {
    return startTrusted();
  } catch (cause) {
    throw failed(NOT_TRUSTED, cause);
  }
}

const NOT_STARTED = 'The worker for refresh tokens could not be started. Serve worker.js beside the script, and allow it with worker-src.';
const NOT_TRUSTED = `The worker for refresh tokens could not be started: the page demands Trusted Types. Allow the policy "${POLICY}" with the directive trusted-types.`;

const failed = (message: string, cause?: unknown) => new AuthError({ code: 'storage_unavailable', message }, cause);

/** What asks a worker to do something: it ends once it is closed, and what was begun is done. */
function tasksOf(worker: Worker) {
  let underWay = 0;
  let isClosing = false;
  const endIfDone = () => {
    if (isClosing && underWay === 0) worker.terminate();
  };
  /** Sends a message, and waits for the reply. */
  const ask = (message: WorkerMessage) => new Promise<Reply>((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      port1.close();
      worker.removeEventListener('error', reject);
      resolve(data);
    };
    worker.addEventListener('error', reject, { once: true });
    worker.postMessage(message, [port2]);
  });
  /** What a task comes to; nothing where the worker has ended, or knows of nobody who can do it. */
  const run = async <T extends Reply>(task: Task): Promise<T | undefined> => {
    if (isClosing && underWay === 0) return undefined;
    underWay += 1;
    try {
      return await ask({ task }) as T | undefined;
    } finally {
      underWay -= 1;
      endIfDone();
    }
  };
  /** What was sent is waited for: its answer is kept. */
  const close = () => {
    isClosing = true;
    endIfDone();
  };
  return { ask, run, close };
}

export async function startTokenWorker(): Promise<TokenWorker> {
  const worker = start();
  const { ask, run, close } = tasksOf(worker);
  let known: Endpoints | undefined;
  /** What the worker has tokens for. */
  const nameOf = (url: unknown) => (url === known?.token ? 'token' : url === known?.revocation ? 'revocation' : undefined);
  // A worker that runs answers this.
  await ask({}).catch((cause) => {
    throw failed(NOT_STARTED, cause);
  });
  return {
    async fetch(url, init = {}) {
      const { body, headers } = init;
      const endpoint = nameOf(url);
      // No other request has a refresh token in it.
      if (typeof body !== 'string' || !endpoint) return fetch(url, init);
      const { dpop: proof } = headers as Record<string, string>;
      const response = await run<WorkerResponse>({ request: { endpoint, form: body, ...(proof && { proof }) } });
      if (!response) throw new TypeError('Failed to fetch');
      const { status, json, nonce } = response;
      // A redirect that was not followed has no status.
      if (!status) return Response.error();
      return new Response(json ?? null, { status, headers: { ...(json !== undefined && { 'content-type': 'application/json' }), ...(nonce && { 'dpop-nonce': nonce }) } });
    },
    endpoints(token, revocation) {
      // The first word about each counts, as in the worker.
      known = { token: known?.token ?? token, revocation: known?.revocation ?? revocation };
      worker.postMessage({ endpoints: { token, revocation } } satisfies WorkerMessage);
    },
    hold: (held) => worker.postMessage({ held } satisfies WorkerMessage),
    async signingKey(_, x) {
      const found = await run<PublicKey>({ key: x === undefined ? {} : { x } });
      if (!found) return undefined;
      const sign = async (text: string) => {
        const signature = await run<Uint8Array>({ sign: { x: found.x, text } });
        if (!signature) throw new Error('the worker with the key is gone');
        return signature;
      };
      return { ...found, isKept: false, sign };
    },
    close,
  };
}
