/**
 * Objects in place of the module's maps. All of their members are their own: they have nothing of what a page adds to
 * Object.prototype, and no setter there gets what is meant for them.
 *
 * @param {unknown} value
 * @param {object | null} [ofArrays]
 * @returns {unknown}
 */
export function objects(value, ofArrays = Array.prototype) {
  if (Array.isArray(value)) return Object.setPrototypeOf(value.map((item) => objects(item, ofArrays)), ofArrays);
  if (!(value instanceof Map)) return value;
  const object = Object.create(null);
  for (const [name, member] of value) object[name] = objects(member, ofArrays);
  return object;
}

/**
 * The JSON text of what the module hands over, whatever `toJSON` a page adds to all objects or arrays.
 *
 * @param {unknown} value
 */
export const stringify = (value) => JSON.stringify(objects(value, null));
