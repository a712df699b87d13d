/** The hash of this version's scopewise_bg.wasm, in the syntax of Subresource Integrity: for `init`, or for a copy elsewhere. */
export declare const integrity: string;

export { }
