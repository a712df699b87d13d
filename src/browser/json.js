/**
 * What the module hands over, with objects in place of maps. All of their members are their own: they have nothing of what a page adds to
 * Object.prototype, and no setter there gets what is meant for them.
 *
 * @param {unknown} value
 * @param {object | null} [arrayPrototype]
 * @returns {unknown}
 */
export function fromMaps(value, arrayPrototype = Array.prototype) {
  if (Array.isArray(value)) return Object.setPrototypeOf(value.map((item) => fromMaps(item, arrayPrototype)), arrayPrototype);
  if (!(value instanceof Map)) return value;
  const object = Object.create(null);
  for (const [name, member] of value) object[name] = fromMaps(member, arrayPrototype);
  return object;
}

/**
 * The JSON text of what the module hands over, whatever `toJSON` a page adds to all objects or arrays.
 *
 * @param {unknown} value
 */
export const stringify = (value) => JSON.stringify(fromMaps(value, null));
