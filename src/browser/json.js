/**
 * Objects in place of the module's maps. All of their members are their own: they have nothing of what a page adds to
 * Object.prototype, and no setter there gets what is meant for them.
 *
 * @param {unknown} value
 * @returns {unknown}
 */
export function objects(value) {
  if (Array.isArray(value)) return value.map(objects);
  if (!(value instanceof Map)) return value;
  const object = Object.create(null);
  for (const [name, member] of value) object[name] = objects(member);
  return object;
}
