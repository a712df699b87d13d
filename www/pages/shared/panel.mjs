// The scope panel: what scopewise knows at this moment, in public.
import { codes, el } from './dom.mjs';

const LISTS = [
  ['requested', 'Requested', 'Nothing yet'],
  ['granted', 'Granted', 'Nothing yet'],
  ['denied', 'Denied', 'Nothing'],
  ['missing', 'Missing for this page', 'Nothing'],
];

/** Of the scope report: what the page did with its scopes so far. */
const REPORT = [
  ['used', 'Used', 'Nothing yet'],
  ['unused', 'Unused', 'Nothing'],
  ['unrequested', 'Beyond the request', 'Nothing'],
];

const STATUS = { granted: 'granted', assumed: 'assumed', denied: 'denied', 'not-requested': 'not requested' };
const HELD = ['granted', 'assumed'];

const ASSUMED = 'Assumed: asked for, and nothing speaks against it, but this server does not list it in its answers. It counts as granted.';

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/**
 * `needs`: scope -> what this page wants it for. A page with several clients has a panel for each: `prefix` keeps their names apart,
 * and one without a `title` has it from the page.
 */
export function scopePanel({ root, client, needs, timeline, code, title = 'What scopewise sees', prefix = '' }) {
  const id = (name) => `${prefix}${name}`;
  const parts = partsOf(id);
  const { lists, ledger, legend, advice, token, expiry, story } = parts;
  root.replaceChildren(...layout(parts, { id, title, code }));
  const fill = (rows, values) => {
    for (const [name, , none] of rows) lists[name].replaceChildren(...chips(values[name], none));
  };
  const entries = new Map();

  /** What grows old by itself. */
  async function renderToken() {
    for (const { explain } of entries.values()) explain();
    token.textContent = await maskedToken(client);
    expiry.textContent = expiryText(client.session);
  }

  function renderReport() {
    const report = client.scopeReport();
    fill(REPORT, report);
    advice.replaceChildren(...adviceOn(report, client.session));
  }

  function render() {
    const { session } = client;
    const wanted = Object.keys(needs);
    const all = [...new Set([...wanted, ...session.requested, ...session.granted])];
    const status = Object.fromEntries(all.map((scope) => [scope, client.scopeStatus(scope)]));
    const isLive = session.signedIn && (session.expiresAt === null || session.expiresAt * 1000 > Date.now());
    // A no to an upgrade leaves the session as it was; it shows in the status only.
    fill(LISTS, {
      requested: session.requested,
      granted: session.granted,
      denied: all.filter((scope) => status[scope] === 'denied'),
      // Not by missingScopes: what the panel looks at would count as used by the page.
      missing: wanted.filter((scope) => !isLive || !HELD.includes(status[scope])),
    });
    for (const scope of all) if (!entries.has(scope)) entries.set(scope, entryOf(scope, needs[scope], client, id));
    // Only where it changes: moving an entry would take the keyboard's focus away.
    if (ledger.children.length !== all.length) ledger.replaceChildren(...all.map((scope) => entries.get(scope).element));
    for (const scope of all) entries.get(scope).show(status[scope]);
    legend.hidden = !Object.values(status).includes('assumed');
    story.replaceChildren(...timeline.entries.map((entry) => told(entry, id)));
    renderToken();
    // Once the page has shown itself, and so used what it uses.
    setTimeout(renderReport);
  }

  setInterval(renderToken, 15_000);
  client.subscribe(render);
  render();
  return { render };
}

/** The elements that change. */
function partsOf(id) {
  const names = [...LISTS, ...REPORT].map(([name]) => name);
  return {
    lists: Object.fromEntries(names.map((name) => [name, el('ul', { class: `chips ${name}`, 'data-testid': id(`${name}-scopes`) })])),
    ledger: el('ul', { class: 'ledger', 'aria-labelledby': id('ledger-title') }),
    legend: el('p', { class: 'legend' }, ASSUMED),
    advice: el('p', { class: 'advice', 'data-testid': id('scope-advice') }),
    token: el('dd', { 'data-testid': id('token') }),
    expiry: el('dd', { 'data-testid': id('token-expiry') }),
    story: el('ol', { class: 'timeline', 'data-testid': id('timeline') }),
  };
}

/** The panel with these elements in their places. */
function layout({ lists, ledger, legend, advice, token, expiry, story }, { id, title, code }) {
  const section = ([name, heading]) => el('section', { class: 'scope-list' }, el('h3', {}, heading), lists[name]);
  return [
    title && el('h2', { id: id('panel-title') }, title),
    ...LISTS.map(section),
    el('h3', { id: id('ledger-title') }, 'Scope by scope'),
    el('p', { class: 'legend' }, 'Open one to read what there is to say about it.'),
    ledger, legend,
    el('h3', {}, 'What this page did with them'),
    el('div', { 'data-testid': id('scope-report') }, ...REPORT.map(section), advice),
    el('h3', {}, 'Access token'),
    el('dl', {}, el('dt', {}, 'Token'), token, el('dt', {}, 'Expires'), expiry),
    el('h3', {}, 'Asked and answered'),
    story,
    code && el('details', { class: 'sample', 'data-testid': id('use-in-code') }, el('summary', {}, 'The code of this page'), el('pre', {}, el('code', {}, code))),
  ].filter(Boolean);
}

const chips = (scopes, none) => scopes.length === 0
  ? [el('li', { class: 'none' }, none)]
  : scopes.map((scope) => el('li', { 'data-scope': scope }, scope));

/** A scope of the ledger, to be opened for its explanation. It stays the same element, so that it stays open. */
function entryOf(scope, purpose, client, id) {
  const status = el('span', { 'data-testid': id(`status-${scope}`) });
  const text = el('p', { class: 'explanation', 'data-testid': id(`explanation-${scope}`) });
  const explain = () => {
    if (details.open) text.textContent = client.explainScope(scope);
  };
  const details = el('details', { ontoggle: explain },
    el('summary', { 'data-testid': id(`explain-${scope}`) },
      el('span', { class: 'scope' }, el('code', {}, ...breakable(scope)), el('span', { class: 'purpose' }, purpose ?? 'not needed here')),
      status),
    text);
  return {
    element: el('li', {}, details),
    explain,
    show(value) {
      status.className = `status ${value}`;
      status.dataset.status = value;
      status.textContent = STATUS[value];
    },
  };
}

/** What follows from the report for the next request. */
function adviceOn({ unused, unrequested }, { signedIn }) {
  if (!signedIn) return ['Sign in, and see which scopes the page could do without.'];
  const drop = unused.length > 0
    ? ['Granted, and not used since the page was opened: ', ...codes(unused), '. If it stays so, leave ', unused.length > 1 ? 'them' : 'it', ' out of the first request.']
    : ['Nothing to drop from the first request: the page uses what it holds.'];
  const late = unrequested.length > 0
    ? [' Used, and beyond the request: ', ...codes(unrequested), '. That is what asking for more later is for.']
    : [];
  return [...drop, ...late];
}

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

function told({ kind, at, scope, reply }, id) {
  const time = el('time', { datetime: new Date(at).toISOString() }, clock.format(at));
  const text = kind === 'sign-out' ? ['signed out'] : [`${kind === 'upgrade' ? 'asked for more: ' : 'asked for '}`, ...codes(scope)];
  return el('li', { 'data-testid': id('timeline-entry'), 'data-kind': kind, 'data-outcome': reply?.outcome ?? reply?.error },
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
