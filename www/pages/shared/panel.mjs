// The scope panel: what scopewise knows at this moment, in public.
import { codes, el } from './dom.mjs';

const LISTS = [
  ['requested', 'Requested', 'Nothing yet'],
  ['granted', 'Granted', 'Nothing yet'],
  ['denied', 'Denied', 'Nothing'],
  ['missing', 'Missing for this page', 'Nothing'],
];

const STATUS = { granted: 'granted', assumed: 'assumed', denied: 'denied', 'not-requested': 'not requested' };

const ASSUMED = 'Assumed: asked for, and nothing speaks against it, but this server does not list it in its answers. It counts as granted.';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** `needs`: scope -> what this page wants it for. */
export function scopePanel({ root, client, needs, timeline, code }) {
  const list = (name) => el('ul', { class: `chips ${name}`, 'data-testid': `${name}-scopes` });
  const lists = Object.fromEntries(LISTS.map(([name]) => [name, list(name)]));
  const rows = el('tbody');
  const token = el('dd', { 'data-testid': 'token' });
  const expiry = el('dd', { 'data-testid': 'token-expiry' });
  const legend = el('p', { class: 'legend' }, ASSUMED);
  const story = el('ol', { class: 'timeline', 'data-testid': 'timeline' });

  root.replaceChildren(
    el('h2', { id: 'panel-title' }, 'What scopewise sees'),
    ...LISTS.map(([name, title]) => el('section', { class: 'scope-list' }, el('h3', {}, title), lists[name])),
    el('div', { class: 'wide' }, el('table', {},
      el('caption', {}, 'Scope by scope'),
      el('thead', {}, el('tr', {}, ...['Scope', 'Wanted for', 'Status'].map((title) => el('th', { scope: 'col' }, title)))),
      rows), legend),
    el('h3', {}, 'Access token'),
    el('dl', {}, el('dt', {}, 'Token'), token, el('dt', {}, 'Expires'), expiry),
    el('h3', {}, 'Asked and answered'),
    story,
    el('details', { 'data-testid': 'use-in-code' }, el('summary', {}, 'The code of this page'), el('pre', {}, el('code', {}, code))),
  );

  async function renderToken() {
    token.textContent = await maskedToken(client);
    expiry.textContent = expiryText(client.session);
  }

  function render() {
    const { session } = client;
    const wanted = Object.keys(needs);
    const all = [...new Set([...wanted, ...session.requested, ...session.granted])];
    const status = Object.fromEntries(all.map((scope) => [scope, client.scopeStatus(scope)]));
    // A no to an upgrade leaves the session as it was; it shows in the status only.
    const values = {
      requested: session.requested,
      granted: session.granted,
      denied: all.filter((scope) => status[scope] === 'denied'),
      missing: session.signedIn ? client.missingScopes(wanted) : wanted,
    };
    for (const [name, , none] of LISTS) lists[name].replaceChildren(...chips(values[name], none));
    rows.replaceChildren(...all.map((scope) => row(scope, needs[scope], status[scope])));
    legend.hidden = !Object.values(status).includes('assumed');
    story.replaceChildren(...timeline.entries.map(entry));
    renderToken();
  }

  setInterval(renderToken, 15_000);
  client.subscribe(render);
  render();
  return { render };
}

const chips = (scopes, none) => scopes.length === 0
  ? [el('li', { class: 'none' }, none)]
  : scopes.map((scope) => el('li', { 'data-scope': scope }, scope));

const row = (scope, purpose, status) => el('tr', {},
  el('th', { scope: 'row' }, el('code', {}, ...breakable(scope))),
  el('td', {}, purpose ?? '–'),
  el('td', { class: `status ${status}`, 'data-testid': `status-${scope}`, 'data-status': status }, STATUS[status]));

/** A long scope may wrap after its colon or slash, and nowhere else. */
const breakable = (scope) => scope.split(/(?<=[:/])/).flatMap((part) => [part, el('wbr')]);

/** Never more than the first two characters. */
async function maskedToken(client) {
  if (!client.session.signedIn) return 'none';
  try {
    return `${(await client.getAccessToken({ minValidity: 0 })).slice(0, 2)}…·····`;
  } catch {
    return 'no valid one';
  }
}

function expiryText({ signedIn, expiresAt }) {
  if (!signedIn) return '–';
  if (expiresAt === null) return 'the server did not say';
  const seconds = expiresAt - Date.now() / 1000;
  const left = seconds <= 0 ? 'over' : seconds < 60 ? 'less than a minute left' : `${Math.round(seconds / 60)} min left`;
  return `${clock.format(expiresAt * 1000)} (${left})`;
}

function entry({ kind, at, scope, reply }) {
  const time = el('time', { datetime: new Date(at).toISOString() }, clock.format(at));
  const text = kind === 'sign-out' ? ['signed out'] : [`${kind === 'upgrade' ? 'asked for more: ' : 'asked for '}`, ...codes(scope)];
  return el('li', { 'data-testid': 'timeline-entry', 'data-kind': kind, 'data-outcome': reply?.outcome ?? reply?.error },
    time, el('div', {}, el('p', {}, ...text), kind !== 'sign-out' && el('p', { class: 'reply' }, ...answer(reply))));
}

function answer(reply) {
  if (!reply) return ['no answer yet'];
  if (reply.error) return ['ended with ', el('code', {}, reply.error)];
  const part = (label, scopes) => (scopes.length > 0 ? [label, ...codes(scopes)] : []);
  const [has, lacks] = [reply.granted, reply.missing];
  const parts = reply.outcome === 'denied'
    ? [part('without ', lacks), part('still has ', has)]
    : [part('has ', has), part('without ', lacks)];
  const sentences = parts.filter((one) => one.length > 0).flatMap((one) => ['; ', ...one]).slice(1);
  return [el('strong', {}, reply.outcome), ': ', ...sentences];
}
