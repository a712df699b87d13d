// The module's memory, for tests that look into it.

/** For the page itself, by `addInitScript`: it notes where the memory of the module is, as `memory`. */
export function noteMemory(): void {
  const { instantiate } = WebAssembly;
  WebAssembly.instantiate = async (...args: any) => {
    const instance: any = await instantiate.apply(WebAssembly, args);
    (globalThis as any).memory = Object.values(instance.exports).find((one) => one instanceof WebAssembly.Memory);
    return instance;
  };
}
