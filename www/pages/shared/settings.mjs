// Settings for one's own provider: the form, and where the demo keeps them for the tab.
import { el } from './dom.mjs';
import * as tab from './tab.mjs';

const KEY = 'demo.own-provider';

export const readSettings = () => JSON.parse(tab.read(KEY) ?? 'null');
export const redirectUri = () => `${location.origin}/your-provider/`;

const FIELDS = [
  ['issuer', 'Issuer', 'https://your-tenant.eu.auth0.com/', 'Auth0 calls it domain: put https:// before it and / behind.', { type: 'url', required: true }],
  ['clientId', 'Client ID', 'aB3…', 'Of an application of the kind “single page”.', { required: true }],
  ['scope', 'Scopes to begin with', 'openid profile email', 'Ask for the least. You can ask for more later on the page.', { required: true }],
  ['audience', 'Audience', 'https://api.example.com', 'Optional. Auth0: the identifier of your API.', {}],
];

/** `defaults`: the demo's own provider, one button away. */
export function settingsForm({ defaults, submitLabel, onSave }) {
  const values = readSettings() ?? { scope: 'openid profile email' };
  const inputs = Object.fromEntries(FIELDS.map(([name, , placeholder, , more]) => [name, el('input', {
    id: `own-${name}`, name, placeholder, value: values[name], autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off',
    'aria-describedby': `own-${name}-help`, 'data-testid': `own-${name}`, ...more,
  })]));
  const fill = () => {
    for (const [name] of FIELDS) inputs[name].value = defaults[name] ?? '';
  };
  return el('form', { class: 'settings', 'data-testid': 'settings', onsubmit: (event) => {
    event.preventDefault();
    const settings = Object.fromEntries(FIELDS.map(([name]) => [name, inputs[name].value.trim()]));
    tab.keep(KEY, JSON.stringify(settings));
    onSave(settings);
  } },
  el('div', { class: 'fields' }, FIELDS.map(([name, label, , help]) => el('div', { class: 'field' },
    el('label', { for: `own-${name}` }, label), inputs[name], el('small', { id: `own-${name}-help` }, help)))),
  el('div', { class: 'register' },
    el('p', {}, 'Register this address at your provider, as callback, as logout and as web origin:'),
    el('p', {}, el('code', { 'data-testid': 'redirect-uri' }, redirectUri()), ' and ', el('code', {}, location.origin))),
  el('div', { class: 'row' },
    el('button', { class: 'primary', 'data-testid': 'own-save' }, submitLabel),
    el('button', { type: 'button', 'data-testid': 'own-fill', onclick: fill }, 'Use the demo’s provider')));
}

export const demoSettings = ({ issuer, clients }) => ({ issuer, clientId: clients.own, scope: 'openid profile', audience: '' });
