// Daybook reads appointments from an API, and asks for the right to write or delete when it is needed, not before.
import { loadConfig, openApp, renderAccount } from '/shared/app.mjs';
import { button, byId, codes, el } from '/shared/dom.mjs';
import { clearNotices, showError, tell, tellRefusal, titleOf, warn } from '/shared/notice.mjs';
import * as tab from '/shared/tab.mjs';
import { agenda, when } from './agenda.mjs';
import { ApiError, appointments } from './appointments.mjs';
import { draftDialog } from './draft.mjs';

const READ = 'read:appointments';
const WRITE = 'write:appointments';
const DELETE = 'delete:appointments';
const DONE = 'daybook.done';

const CODE = `const client = await createClient({
  clientId: 'calendar-app', issuer,
  redirectUri: location.origin + '/calendar/',
  resource: 'urn:scopewise-demo:calendar',
  scope: 'openid profile read:appointments',
});
const outcome = await client.handleCallback();

// At the click on Save:
if (!client.hasScope('write:appointments')) {
  await client.upgrade('write:appointments', { appState: { draft } });
}
// Back from the redirect, as if nothing had happened:
const { draft } = outcome.appState;
if (outcome.outcome === 'granted') await save(draft);

const token = await client.getAccessToken({ scope: 'write:appointments' });`;

const config = await loadConfig();
const app = await openApp({
  name: 'daybook',
  needs: { openid: 'to know you again', profile: 'your name', [READ]: 'showing the calendar', [WRITE]: 'new appointments', [DELETE]: 'deleting' },
  code: CODE,
  options: {
    clientId: config.clients.calendar,
    issuer: config.issuer,
    redirectUri: `${location.origin}/calendar/`,
    resource: config.resource,
    scope: ['openid', 'profile', READ],
  },
});

let api;
let dialog;
let loading = 0;
if (app) {
  api = appointments(config.api, app.client);
  dialog = draftDialog({ onSave: save });
  app.client.subscribe(render);
  render();
  await takeUp(app);
}

/** Goes on where the user was before the redirect. */
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
    const isRefused = Boolean(outcome) && !isGranted;
    dialog.open({ draft, mayWrite: isGranted, isRefused, message: error && `${titleOf(error)}. Nothing was saved, and your draft is still here.` });
    if (isGranted) await save(draft);
  } else if (remove && isGranted) {
    await erase(remove);
  } else if (remove && outcome) {
    tellRefusal('Nothing was deleted.', `You did not allow it, so “${remove.title}” stays.`, [askAgain(() => erase(remove))]);
  }
}

function upgrade(scope, appState) {
  return app.upgrade(scope, { appState: { ask: crypto.randomUUID(), ...appState } });
}

function signInButton(label) {
  return button(label, () => app.signIn(), { class: 'primary', 'data-testid': 'sign-in' });
}

function askAgain(work) {
  return button('Ask again', work, { class: 'primary', 'data-testid': 'ask-again' });
}

async function save(draft) {
  if (!app.client.hasScope(WRITE) && (await upgrade(WRITE, { draft }))?.outcome !== 'granted') return;
  try {
    const saved = await api.add(draft);
    dialog.finish();
    await showAppointments();
    tell('Saved.', `“${saved.title}” is on ${when(saved)}.`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) dialog.open({ draft, mayWrite: true, message: error.message });
    else { byId('draft').close(); explain(error, { draft }); }
  }
}

async function erase({ id, title }) {
  clearNotices();
  if (!app.client.hasScope(DELETE) && (await upgrade(DELETE, { remove: { id, title } }))?.outcome !== 'granted') return;
  let isGone = false;
  try {
    await api.remove(id);
  } catch (error) {
    isGone = error instanceof ApiError && error.status === 404;
    if (!isGone) return explain(error, { remove: { id, title } });
  }
  await showAppointments();
  if (isGone) tell('Already gone.', `“${title}” had been deleted before.`);
  else tell('Deleted.', `“${title}” is gone.`);
}

/** A failed call to the API, with the way on. */
function explain(error, appState = {}) {
  const isOver = ['not_signed_in', 'invalid_token', 'login_required'].includes(error.code) || error.status === 401;
  if (isOver) warn('Your session has ended.', 'Please sign in again to go on.', [signInButton('Sign in again')], 'session-ended');
  else if (error.scope) {
    const again = askAgain(() => upgrade(error.scope, appState));
    warn('The calendar wants a permission.', `It asks for ${error.scope}.`, [again], 'insufficient_scope');
  }
  else if (error.code) showError(error);
  else warn('The calendar does not answer.', 'Please try again in a moment.', [button('Try again', showAppointments)], 'api');
}

function render() {
  renderAccount(app);
  const { signedIn } = app.client.session;
  byId('view').replaceChildren(...(signedIn ? calendar() : signedOut()));
  if (signedIn && app.client.hasScope(READ)) showAppointments();
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
  const mayRead = app.client.hasScope(READ);
  const open = () => dialog.open({ mayWrite: app.client.hasScope(WRITE) });
  const add = button('New appointment', open, { class: 'primary', 'data-testid': 'new-appointment' });
  return [
    el('div', { class: 'head' }, el('h1', {}, 'Coming up'), add),
    el('div', { id: 'agenda' }, mayRead ? el('p', { class: 'loading' }, 'Fetching your appointments…') : hasRunOut() ? runOut() : unreadable()),
  ];
}

/** Granted, and yet not there: the access token has run its time. */
function hasRunOut() {
  return ['granted', 'assumed'].includes(app.client.scopeStatus(READ));
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
  el('p', {}, button('Show my appointments', () => upgrade(READ, {}), { class: 'primary', 'data-testid': 'ask-again' })));
}

async function showAppointments() {
  if (!app.client.hasScope(READ)) return;
  const turn = ++loading;
  try {
    const all = await api.list();
    // A newer list may have overtaken this one, or the page may show something else by now.
    if (turn === loading) byId('agenda')?.replaceChildren(agenda(all, erase));
  } catch (error) {
    if (turn !== loading) return;
    byId('agenda')?.replaceChildren(el('p', { class: 'soft' }, 'The appointments could not be fetched.'));
    explain(error);
  }
}
