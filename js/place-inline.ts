import { wasm, worker } from './generated/inlined.js';
import type { WasmSource } from './types.js';

// The other files of the package, inside of this script: nothing is fetched, and `import.meta` is not needed. See place.ts.

export const isRemote: boolean = false;

export function wasmSource(): WasmSource {
  const text = atob(wasm);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  return bytes;
}

export const startWorker = (): Worker => new Worker(workerAddress(), { type: 'module' });

let address: string | undefined;

export const workerAddress = (): string => (address ??= URL.createObjectURL(new Blob([worker], { type: 'text/javascript' })));
