import { invalidOptions } from './error.js';

/** Members that cross to the module as JSON text. */
const JSON_MEMBERS = ['appState', 'authorizationDetails'];

/** No option has as many levels. */
const MAX_DEPTH = 32;

/**
 * A copy of an options object as it crosses to the module: own members only, each read once. A member that is undefined is
 * absent; what no option can be (a function, a symbol) is null, which the module refuses by its name.
 */
export function crossing(options: unknown): unknown {
  if (!isObject(options)) return options === undefined ? undefined : null;
  const members = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members.map(([name, value]) => [name, JSON_MEMBERS.includes(name) ? jsonText(name, value) : plain(value, 1)]));
}

/** A copy of the own members alone: what was added to Object.prototype is no option. */
export const own = <T extends object>(options: T | undefined): Partial<T> => Object.assign(Object.create(null), options);

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

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value);
