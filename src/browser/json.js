/**
 * The members of a JSON object, one level deep, as a form; undefined where the text is none. Each name is behind a
 * letter for its type: s string, n number (cut to whole units), b boolean, a string of an array, x anything else.
 */
export function flatten(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value !== 'object' || !value || Array.isArray(value)) return undefined;
    const form = new URLSearchParams();
    for (const [name, member] of Object.entries(value)) {
      const strings = Array.isArray(member) && member.length > 0 && member.every((item) => typeof item === 'string');
      if (strings) for (const item of member) form.append('a' + name, item);
      else if (typeof member === 'number') form.append('n' + name, Math.floor(member));
      else if (['string', 'boolean'].includes(typeof member)) form.append((typeof member)[0] + name, member);
      else form.append('x' + name, '');
    }
    return form.toString();
  } catch {
    return undefined;
  }
}
