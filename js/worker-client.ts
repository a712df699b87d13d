import { AuthError } from './error.js';
import type { WorkerResponse } from './worker.js';

/** `fetch` in a dedicated worker, which keeps refresh tokens to itself, and the way to end it. */
export interface TokenWorker {
  readonly fetch: typeof globalThis.fetch;
  close(): void;
}

export async function startTokenWorker(): Promise<TokenWorker> {
  const message = 'The worker for refresh tokens could not be started. Serve worker.js beside the script, and allow it with worker-src.';
  const failed = (cause?: unknown) => new AuthError({ code: 'storage_unavailable', message }, cause);
  let worker: Worker;
  try {
    worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  } catch (cause) {
    throw failed(cause);
  }
  const request = (url: string, init: RequestInit) => new Promise<WorkerResponse | undefined>((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      port1.close();
      resolve(data);
    };
    worker.addEventListener('error', reject, { once: true });
    worker.postMessage({ url, init }, [port2]);
  });
  // A worker that runs answers this with status 204.
  await request('', {}).catch((cause) => {
    throw failed(cause);
  });
  return {
    async fetch(url, { signal, ...init } = {}) {
      const response = await request(String(url), init);
      if (!response) throw new TypeError('Failed to fetch');
      const { status, type, text } = response;
      // A redirect that was not followed has no status.
      return status ? new Response([204, 205, 304].includes(status) ? null : text, { status, headers: { 'content-type': type } }) : Response.error();
    },
    close: () => worker.terminate(),
  };
}
