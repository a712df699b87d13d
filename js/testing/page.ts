/**
 * For the real client in Vitest's jsdom and happy-dom, once, before `init`: there the global object is Node's and not the window that the client looks for, and
 * what Node's own functions hand over is of another realm than the page's classes. In a browser, and in Node without a page, it does nothing.
 */
export function patchTestPage(): void {
  if (typeof Window === 'undefined') return;
  if (!(globalThis instanceof Window)) isInstanceWhere(Window, (object) => object === globalThis);
  if (!(new TextEncoder().encode('') instanceof Uint8Array)) isInstanceWhere(Uint8Array, (object) => Object.prototype.toString.call(object) === '[object Uint8Array]');
}

function isInstanceWhere(type: object, isOne: (object: unknown) => boolean): void {
  Object.defineProperty(type, Symbol.hasInstance, { value: isOne, configurable: true });
}
