// Markup as a template: every value is escaped, unless it is markup of this kind itself.
const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

class Markup {
  constructor(text) { this.text = text; }
  toString() { return this.text; }
}

const escaped = (value) => {
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map(escaped).join('');
  if (value === undefined || value === null || value === false) return '';
  return String(value).replace(/[&<>"']/g, (character) => ESCAPES[character]);
};

export const html = (parts, ...values) => new Markup(String.raw({ raw: parts }, ...values.map(escaped)));

/** For markup that oidc-provider made. */
export const trusted = (text) => new Markup(text);
