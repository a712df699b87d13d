import type { WasmSource } from './index.js';

/** What a bundler that knows WebAssembly or assets makes of the import: an address, say, or a module. It is for `init`. */
declare const source: WasmSource;
export default source;
