declare const WASM_INTEGRITY: string;

/** The hash of this version's scopewise_bg.wasm, in the syntax of Subresource Integrity: for `init`, or for a copy elsewhere. */
export const integrity: string = WASM_INTEGRITY;
