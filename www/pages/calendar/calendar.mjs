// Daybook reads appointments from an API, and asks for the right to write or delete when it is needed, not before.
import { ApiError } from '/shared/api.mjs';
import { loadConfig, openApp, renderAccount } from '/shared/app.mjs';
import { button, byId, codes, el } from '/shared/dom.mjs';
import { clearNotices, showError, tell, tellRefusal, tellWaiting, titleOf, warn } from '/shared/notice.mjs';
import * as tab from '/shared/tab.mjs';
import { agenda, when } from './agenda.mjs';
import { openAlmanac } from './almanac.mjs';
import { appointments } from './appointments.mjs';
import { draftDialog } from './draft.mjs';

const READ = 'read:appointments';
const WRITE = 'write:appointments';
const DELETE = 'delete:appointments';
const DONE = 'daybook.done';

const CODE = `const client = await createClient({
  clientId: 'calendar-app', issuer, resource,
  redirectUri: '/calendar/',
  scope: 'openid profile read:appointments',
  apis: { [api]: { resource } },
});
// First of all: in a popup, this is the end.
const back = await client.handleCallback();

// In the click on Save, before any await:
const scope = 'write:appointments';
try {
  await client.fetch(api + '/appointments', {
    method: 'POST', headers, body,
    scope, onMissing: 'popup',
  });
} catch ({ code }) {
  // A no. It asks again only by a button.
  if (code === 'missing_scope') show(again);
  // No popups here: the draft comes back.
  if (code === 'popup_blocked') client.upgrade(
    scope, { appState: { draft } });
}
again.onclick = () =>
  client.upgrade(scope, { mode: 'popup' });`;

let view;
let loading = 0;
/** The user's own appointments, while they are on show. */
let own;

const config = await loadConfig();
const app = await openApp({
  name: 'daybook',
  needs: { openid: 'to know you again', profile: 'your name', [READ]: 'showing the calendar', [WRITE]: 'new appointments', [DELETE]: 'deleting' },
  code: CODE,
  view: { title: 'What scopewise sees at Harbor ID' },
  options: {
    clientId: config.clients.calendar,
    issuer: config.issuer,
    redirectUri: `${location.origin}/calendar/`,
    resource: config.resource,
    scope: ['openid', 'profile', READ],
    apis: { [config.api]: { resource: config.resource } },
  },
});
// The answer may be to either client: each takes its own, and in a popup this is the end for both.
const almanac = await openAlmanac(config.almanac, showAgenda);
// Hidden until here: a popup never comes this far, and should not flash the app on its way.
document.body.classList.remove('arriving');

let api;
let dialog;
if (app) {
  api = appointments(config.api, app.fetch);
  dialog = draftDialog({ permission: () => app.client.scopeStatus(WRITE), onSave: save });
  app.client.subscribe(render);
  render();
  await takeUp(app);
}

/** Goes on where the user was before a redirect. */
async function takeUp({ outcome, error, client }) {
  if (error) {
    const isRefusal = error.code === 'access_denied';
    showError(error, [isRefusal && !client.session.signedIn && signInButton('Try again')].filter(Boolean));
  }
  const { ask, draft, remove } = (error ?? outcome)?.appState ?? {};
  // A reload or the Back button brings the same answer once more; what was done stays done once.
  if (!ask || tab.read(DONE) === ask || !client.session.signedIn) return;
  tab.keep(DONE, ask);
  const isGranted = outcome?.outcome === 'granted';
  if (draft) {
    dialog.open({ draft, notice: isGranted ? undefined : notSaved(error) });
    if (isGranted) await save(draft);
  } else if (remove && isGranted) {
    await erase(remove);
  } else if (remove && outcome) {
    tellNotDeleted(remove);
  }
}

/**
 * Makes a call that needs a scope, in the click. It asks for the scope in a popup; where the browser blocks that, the page
 * leaves to ask, and `appState` comes back with the answer. `again`: even though the user said no before.
 */
async function inClick(call, { scope, appState = {}, again = false, signal }) {
  try {
    if (again) await app.upgrade(scope, { mode: 'popup', signal });
    return await call();
  } catch (error) {
    if (error.code !== 'popup_blocked') throw error;
    await app.upgrade(scope, { appState: { ask: crypto.randomUUID(), ...appState } });
    return call();
  }
}

async function save(draft, { again, signal } = {}) {
  let saved;
  try {
    saved = await inClick(() => api.add(draft, signal), { scope: WRITE, appState: { draft }, again, signal });
  } catch (error) {
    if (signal?.aborted) return;
    if (!isOver(error)) return dialog.open({ draft, notice: notSaved(error) });
    dialog.close();
    return explain(error);
  }
  dialog.finish();
  await showAppointments();
  tell('Saved.', `“${saved.title}” is on ${when(saved)}.`);
}

/** Why a draft is still one: a kind of notice and a text. Without an error the user said no. */
function notSaved(error) {
  const code = error ? error.code : 'missing_scope';
  if (code === 'missing_scope') return ['refusal', 'You did not allow Daybook to create appointments, so nothing was saved. Your draft is still here.'];
  if (error instanceof ApiError && error.status === 400) return ['error', error.message];
  const title = code ? titleOf(error) : 'The calendar does not answer';
  return [code === 'popup_closed' ? 'refusal' : 'error', `${title}. Nothing was saved, and your draft is still here.`];
}

async function erase(appointment, { again = false } = {}) {
  const { id, title } = appointment;
  const asking = new AbortController();
  const { signal } = asking;
  clearNotices();
  if (again || app.client.scopeStatus(DELETE) === 'not-requested') {
    tellWaiting('Harbor ID is asking you', 'in a window of its own.', [button('Never mind', () => asking.abort(), { 'data-testid': 'never-mind' })]);
  }
  let isGone = false;
  try {
    await inClick(() => api.remove(id, signal), { scope: DELETE, appState: { remove: { id, title } }, again, signal });
  } catch (error) {
    if (signal.aborted) return clearNotices();
    if (error.code === 'missing_scope') return tellNotDeleted(appointment);
    isGone = error instanceof ApiError && error.status === 404;
    if (!isGone) return explain(error, [button('Try again', () => erase(appointment, { again }), { 'data-testid': 'try-again' })]);
  }
  await showAppointments();
  if (isGone) tell('Already gone.', `“${title}” had been deleted before.`);
  else tell('Deleted.', `“${title}” is gone.`);
}

function tellNotDeleted(appointment) {
  const again = askAgain(() => erase(appointment, { again: true }));
  tellRefusal('Nothing was deleted.', `You did not allow it, so “${appointment.title}” stays.`, [again]);
}

async function askToRead() {
  clearNotices();
  try {
    await inClick(() => {}, { scope: READ, again: true });
    if (!app.client.hasScope(READ)) tellRefusal('As you wish.', 'Your appointments stay hidden.');
  } catch (error) {
    explain(error);
  }
}

function signInButton(label) {
  return button(label, () => app.signIn(), { class: 'primary', 'data-testid': 'sign-in' });
}

function askAgain(work, label = 'Ask again') {
  return button(label, work, { class: 'primary', 'data-testid': 'ask-again' });
}

function isOver({ code, status }) {
  return ['not_signed_in', 'invalid_token', 'login_required'].includes(code) || status === 401;
}

/** A failed call to the API, with the way on. */
function explain(error, actions = []) {
  if (isOver(error)) warn('Your session has ended.', 'Please sign in again to go on.', [signInButton('Sign in again')], 'session-ended');
  else if (error.code) showError(error, actions);
  else warn('The calendar does not answer.', 'Please try again in a moment.', [button('Try again', showAppointments)], 'api');
}

function render() {
  renderAccount(app);
  const next = state();
  // More permissions change nothing in what is on show.
  if (next === view) return;
  view = next;
  own = undefined;
  almanac.show(view === 'readable');
  byId('view').replaceChildren(...(view === 'signed-out' ? signedOut() : calendar()));
  if (view === 'readable') showAppointments();
}

function state() {
  if (!app.client.session.signedIn) return 'signed-out';
  if (app.client.hasScope(READ)) return 'readable';
  // Granted, and yet not there: the access token has run its time.
  return ['granted', 'assumed'].includes(app.client.scopeStatus(READ)) ? 'run-out' : 'unreadable';
}

function signedOut() {
  const isRefused = app.error?.code === 'access_denied';
  return [
    el('h1', {}, 'Your days, in order'),
    el('p', { class: 'lead' }, 'Daybook shows what is coming, and stays out of the way.'),
    !isRefused && el('p', {}, signInButton('Sign in with Harbor ID')),
    el('p', { class: 'soft' }, 'To begin with, Daybook asks to see your appointments and nothing else. It asks for more when you want it to do more.'),
  ].filter(Boolean);
}

function calendar() {
  const content = { readable: () => el('p', { class: 'loading' }, 'Fetching your appointments…'), 'run-out': runOut, unreadable };
  const add = button('New appointment', () => dialog.open(), { class: 'primary', 'data-testid': 'new-appointment' });
  return [
    el('div', { class: 'head' }, el('h1', {}, 'Coming up'), add),
    el('div', { id: 'agenda' }, content[view]()),
  ];
}

function runOut() {
  return el('section', { class: 'offer', 'data-testid': 'run-out' },
    el('h2', {}, 'Your session has run out'),
    el('p', {}, 'What you allowed still stands. One click, and you are back.'),
    el('p', {}, signInButton('Sign in again')));
}

function unreadable() {
  return el('section', { class: 'offer', 'data-testid': 'no-read' },
  el('h2', {}, 'Daybook may not see your appointments'),
  el('p', {}, 'You did not allow it (', ...codes([READ]), '), so there is nothing to show here.'),
  el('p', {}, askAgain(askToRead, 'Show my appointments')));
}

async function showAppointments() {
  if (!app.client.hasScope(READ)) return;
  const turn = ++loading;
  try {
    const all = await api.list();
    // A newer list may have overtaken this one, or the page may show something else by now.
    if (turn !== loading) return;
    own = all;
    showAgenda();
  } catch (error) {
    if (turn !== loading) return;
    byId('agenda')?.replaceChildren(el('p', { class: 'soft' }, 'The appointments could not be fetched.'));
    explain(error);
  }
}

/** The user's own appointments, and among them what was imported. */
function showAgenda() {
  if (own && view === 'readable') byId('agenda')?.replaceChildren(agenda([...own, ...almanac.list], erase));
}
