/**
 * The members of a JSON object, one level deep, as a record; undefined where the text is none. Each name is behind a
 * letter for its type: s string, n number (cut to whole units), b boolean, a string of an array, x anything else.
 */
export function flatten(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value !== 'object' || !value || Array.isArray(value)) return undefined;
    let record = '';
    const put = (kind, name, text) => (record += `\x1e${kind}${inert(name.replaceAll('=', '\ufffd'))}=${inert(String(text))}`);
    for (const [name, member] of Object.entries(value)) {
      const strings = Array.isArray(member) && member.length > 0 && member.every((item) => typeof item === 'string');
      if (strings) for (const item of member) put('a', name, item);
      else if (typeof member === 'number') put('n', name, Math.floor(member));
      else if (['string', 'boolean'].includes(typeof member)) put((typeof member)[0], name, member);
      else put('x', name, '');
    }
    return record;
  } catch {
    return undefined;
  }
}

/** A text that cannot be taken for the end of a member. */
const inert = (text) => text.replace(/[\x1d\x1e]/g, '\ufffd');
