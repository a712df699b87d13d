import type { WasmSource } from './types.js';

// Where the other files of the package are: beside this script. Each address is written so that bundlers find it.
// `scopewise/inline` has place-inline.ts in place of this file.

/** The module has to come over the network: what is on its way early is there early. */
export const isRemote: boolean = true;

export const wasmSource = (): WasmSource => new URL('./scopewise_bg.wasm', import.meta.url);

export const startWorker = (): Worker => new Worker(new URL('./worker.js', import.meta.url), { type: 'module' });

export const workerAddress = (): string => new URL('./worker.js', import.meta.url).href;
