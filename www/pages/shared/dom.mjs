// Elements in one call. Text always goes in as text, never as markup.

/** el('a', { href: '/', class: 'x', onclick: f }, 'Home', child, null) */
export function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

/** A button that cannot be pressed twice while its work goes on. */
export function button(label, work, properties = {}) {
  const element = el('button', { type: 'button', ...properties, onclick: async () => {
    element.disabled = true;
    try {
      await work();
    } finally {
      element.disabled = false;
    }
  } }, label);
  return element;
}

/** "a, b and c" with every name set as code. */
export function codes(names) {
  return names.flatMap((name, index) => {
    const between = index === 0 ? '' : index === names.length - 1 ? ' and ' : ', ';
    return [between, el('code', {}, name)];
  });
}

/** The scopes of a text or a list. */
export const list = (scope) => (typeof scope === 'string' ? scope.split(' ') : [...scope]);
