import { AuthError, invalidOptions } from './error.js';
import { isObject } from './shapes.js';

/** Members that cross to the module as JSON text. */
const JSON_MEMBERS = ['appState', 'authorizationDetails'];

/** No option has as many levels. */
const MAX_DEPTH = 32;

/**
 * A copy of an options object as it crosses to the module: own members only, each read once. A member that is undefined is
 * absent; what no option can be (a function, a symbol) is null, which the module refuses by its name.
 */
export function optionsCopy(options: unknown): unknown {
  return guarded(() => {
    if (!isObject(options)) return options === undefined ? undefined : null;
    const members = Object.entries(options).filter(([, value]) => value !== undefined);
    return Object.fromEntries(members.map(([name, value]) => [name, JSON_MEMBERS.includes(name) ? jsonText(name, value) : plain(value, 1)]));
  });
}

/** A copy of an argument that is no object of options, as it crosses to the module. */
export const plainCopy = (value: unknown): any => guarded(() => plain(value, 1));

/** A copy of the own members alone: what was added to Object.prototype is no option. */
export const ownMembers = <T extends object>(options: T | undefined): Partial<T> => guarded(() => {
  if (options !== undefined && !isObject(options)) throw invalidOptions('Options must be an object, with members of its own.');
  return Object.assign(Object.create(null), options);
});

/** A function of the application's that the module calls. Whatever it returns becomes a promise of the platform's, which does not throw when it is waited for. */
export const withPromise = <A extends unknown[]>(call: (...args: A) => unknown) => (...args: A): Promise<unknown> => {
  const answer = call(...args);
  return (async () => answer)();
};

/** The same for an object whose methods the module calls. */
export const withPromises = (object: object, methods: readonly string[]): object => guarded(() => {
  const methodOf = (name: string): unknown => (object as Record<string, unknown>)[name];
  const isMethod = (name: string) => typeof methodOf(name) === 'function';
  return Object.fromEntries(methods.map((name) => [name, isMethod(name) ? withPromise((...args) => (object as any)[name](...args)) : undefined]));
});

/** The text of a URL, which an object may be. */
export const urlText = (url: unknown): string => guarded(() => String(url));

/** What reads members of the application's may call code of its own, which throws what it likes. */
function guarded<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof AuthError ? thrown : invalidOptions('An option cannot be read: its getter threw.', thrown);
  }
}

function plain(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw invalidOptions('Options have too many levels.');
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (isObject(value)) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return Object.fromEntries(members.map(([name, member]) => [name, plain(member, depth + 1)]));
  }
  return ['string', 'number', 'boolean'].includes(typeof value) ? value : null;
}

function jsonText(name: string, value: unknown): string {
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return text;
  } catch {
    // JSON.stringify throws for an object that holds itself, and for a BigInt.
  }
  throw invalidOptions(`"${name}" must be a JSON value.`);
}
