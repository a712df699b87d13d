// Events from Almanac: a second client on the page, of another provider. Its session, its scopes and its tokens are its own.
import { displayName, openApp } from '/shared/app.mjs';
import { button, byId, codes, el } from '/shared/dom.mjs';
import { clearNotices, showError, tell, tellRefusal, tellWaiting, warn } from '/shared/notice.mjs';
import { agenda } from './agenda.mjs';

const READ = 'events:read';

const CODE = `const almanac = await createClient({
  clientId: 'daybook', issuer: almanacIssuer,
  redirectUri: '/calendar/',
  resource: events,
  scope: 'openid profile events:read',
  apis: { [events]: { scope: 'events:read' } },
});
// After that of the other client: each takes the
// answers to its own requests, and no other.
await almanac.handleCallback();

// In the click on Import:
await almanac.signIn({ mode: 'popup' });
const answer = await almanac.fetch(events);`;

/** What to show where there is no client. */
const NOTHING = { list: [], show() {} };

/** Resolves to what was imported. `onChange` is called whenever that is something else. */
export async function openAlmanac({ issuer, client: clientId, events: url }, onChange) {
  const app = await openApp({
    name: 'daybook.almanac',
    needs: { openid: 'to know the account again', profile: 'its name', [READ]: 'showing its events' },
    code: CODE,
    view: { root: byId('almanac-ledger'), title: null, prefix: 'almanac-' },
    options: {
      clientId,
      issuer,
      redirectUri: `${location.origin}/calendar/`,
      resource: url,
      scope: ['openid', 'profile', READ],
      apis: { [url]: { resource: url, scope: READ } },
    },
  });
  if (!app) return NOTHING;
  const events = importer({ app, url, onChange });
  byId('almanac-panel').open = app.client.session.signedIn;
  // From the start page: the section was empty until now.
  if (location.hash === '#almanac') byId('almanac').scrollIntoView();
  if (app.error) explain(app.error);
  if (app.outcome && !app.client.hasScope(READ)) tellNotAllowed();
  return events;
}

function importer({ app, url, onChange }) {
  const { client } = app;
  let list = [];
  let turn = 0;
  /** Whether the calendar has them among its own. */
  let isMerged = false;

  const render = () => renderSection({ app, list, isMerged, onImport });
  const change = (events) => {
    list = events;
    onChange();
    render();
  };

  async function load() {
    const latest = (turn += 1);
    const response = await app.fetch(url, {});
    if (!response.ok) throw new Error(`status ${response.status}`);
    const { events } = await response.json();
    if (latest === turn && client.session.signedIn) change(events.map(entry));
  }

  async function onImport() {
    const asking = new AbortController();
    clearNotices();
    if (!client.hasScope(READ)) {
      tellWaiting('Almanac is asking you', 'in a window of its own.', [button('Never mind', () => asking.abort(), { 'data-testid': 'never-mind' })]);
    }
    try {
      // In the click: nothing is awaited before the popup opens.
      await ask(app, { mode: 'popup', signal: asking.signal });
      if (!client.hasScope(READ)) return tellNotAllowed();
      await load();
      tell('Imported.', `${countOf(list)} from Almanac.`);
    } catch (error) {
      if (asking.signal.aborted) return clearNotices();
      if (error.code === 'popup_blocked') await ask(app, {}).catch(explain);
      else explain(error);
    }
  }

  client.subscribe(() => {
    if (client.session.signedIn) render();
    else change([]);
  });
  render();
  if (client.hasScope(READ)) load().catch(explain);
  return {
    get list() { return list; },
    show(merged) {
      if (isMerged === merged) return;
      isMerged = merged;
      render();
    },
  };
}

/** Signs in, or, with somebody signed in, asks for what is missing: nothing, where all is there. */
const ask = ({ client: { session }, upgrade, trySignIn }, options) => (session.signedIn && !session.expired ? upgrade(READ, options) : trySignIn(options));

function explain(error) {
  if (error.code === 'access_denied') tellRefusal('Nothing was imported.', 'You said no at Almanac. Your calendar is as it was.');
  else if (error.code) showError(error);
  else warn('Almanac does not answer.', 'Please try again in a moment.', [], 'almanac');
}

function tellNotAllowed() {
  tellRefusal('Nothing was imported.', 'You are signed in at Almanac, and did not allow Daybook to see your events.');
}

function renderSection({ app, list, isMerged, onImport }) {
  const { session } = app.client;
  const who = session.signedIn ? displayName(app.client) : '';
  byId('almanac-who').textContent = who || 'not signed in';
  const importButton = (label, more) => button(label, onImport, { 'data-testid': 'import', ...more });
  byId('almanac').replaceChildren(...(session.signedIn ? signedIn({ app, who, list, isMerged, importButton }) : signedOut(importButton)));
}

const signedOut = (importButton) => [
  el('h2', {}, 'More of your days are elsewhere?'),
  el('p', {}, 'Almanac keeps calendars, too. Daybook can show its events beside your appointments. You sign in there with an account of its own, and Harbor ID does not hear of it.'),
  el('p', {}, importButton('Import from Almanac')),
];

function signedIn({ app, who, list, isMerged, importButton }) {
  const { client, signOut } = app;
  const out = button('Sign out of Almanac', signOut, { class: 'plain', 'data-testid': 'almanac-sign-out' });
  const user = el('strong', { 'data-testid': 'almanac-user' }, who);
  const title = el('h2', {}, 'From Almanac');
  if (client.session.expired) {
    return [title, el('p', {}, user, ', your time there has run out.'), el('p', { class: 'row' }, importButton('Import again', { class: 'primary' }), out)];
  }
  if (!client.hasScope(READ)) {
    return [title,
      el('p', { 'data-testid': 'almanac-no-read' }, user, ', you did not allow Daybook to see your events (', ...codes([READ]), ').'),
      el('p', { class: 'row' }, importButton('Ask again', { class: 'primary' }), out)];
  }
  return [title,
    el('p', {}, user, ` · ${countOf(list)}${isMerged ? ' in your calendar' : ''}`),
    !isMerged && list.length > 0 && agenda(list),
    el('p', { class: 'row' }, importButton('Import again'), out)].filter(Boolean);
}

const countOf = ({ length }) => (length === 1 ? '1 event' : `${length} events`);

/** In the calendar's words. */
const entry = ({ id, summary, start, location }) => ({ id, title: summary, date: start.slice(0, 10), time: start.slice(11, 16), place: location, from: 'Almanac' });
