import { AuthError } from './error.js';
import type { Reply } from './worker.js';

/** `fetch` in a dedicated worker, which keeps refresh tokens to itself, and the way to end it. */
export interface Remote {
  readonly fetch: typeof globalThis.fetch;
  close(): void;
}

export async function remote(): Promise<Remote> {
  const message = 'The worker for refresh tokens could not be started. Serve worker.js beside the script, and allow it with worker-src.';
  const failed = (cause?: unknown) => new AuthError({ code: 'storage_unavailable', message }, cause);
  let worker: Worker;
  try {
    worker = new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });
  } catch (cause) {
    throw failed(cause);
  }
  const ask = (url: string, init: RequestInit) => new Promise<Reply | undefined>((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => {
      port1.close();
      resolve(data);
    };
    worker.addEventListener('error', reject, { once: true });
    worker.postMessage({ url, init }, [port2]);
  });
  // A worker that runs says no to this.
  await ask('', {}).catch((cause) => {
    throw failed(cause);
  });
  return {
    async fetch(url, { signal, ...init } = {}) {
      const reply = await ask(String(url), init);
      if (!reply) throw new TypeError('Failed to fetch');
      const { status, type, text } = reply;
      // A redirect that was not followed has no status.
      return status ? new Response([204, 205, 304].includes(status) ? null : text, { status, headers: { 'content-type': type } }) : Response.error();
    },
    close: () => worker.terminate(),
  };
}
