// Foyer knows where an API is, and nothing of its scopes: it reads what the API says of itself, and asks when the API does.
import { ApiError } from '/shared/api.mjs';
import { loadConfig, openApp, renderAccount } from '/shared/app.mjs';
import { button, byId, el } from '/shared/dom.mjs';
import { clearNotices, showError, tell, tellRefusal, tellWaiting, warn } from '/shared/notice.mjs';
import { roomsApi } from './api.mjs';

const CODE = `const client = await createClient({
  clientId: 'rooms-app', issuer,
  redirectUri: '/rooms/',
  resource: rooms,
  scope: 'openid profile',
  apis: {
    [rooms]: {
      discover: true,
      // No answer of the API's leads beyond these.
      challengeScope: 'read:rooms book:rooms',
    },
  },
});
await client.handleCallback();

// What the API says of itself, and what is held.
const { name, granted, missing } =
  await client.apiScopes(rooms);
ask.onclick = () =>
  client.upgrade(missing, { mode: 'popup' });

// In a click: the API's answer says what it takes.
await client.fetch(rooms + '/attic/booking', {
  method: 'PUT', onMissing: 'popup',
});`;

const MAY_ASK_FOR = ['read:rooms', 'book:rooms'];
const needs = { openid: 'to know you again', profile: 'your name' };

let rooms;
/** What each API said of itself: its description, or why there is none. */
const described = new Map();

const config = await loadConfig();
const app = await openApp({
  name: 'foyer',
  needs,
  code: CODE,
  options: {
    clientId: config.clients.rooms,
    issuer: config.issuer,
    redirectUri: `${location.origin}/rooms/`,
    resource: config.rooms,
    scope: ['openid', 'profile'],
    apis: {
      [config.rooms]: { resource: config.rooms, discover: true, challengeScope: MAY_ASK_FOR },
      // Of another provider: nothing there is for the people of this one.
      [config.almanac.events]: { resource: config.almanac.events, discover: true },
    },
  },
});
const api = roomsApi(config.rooms, (url, options) => app.fetch(url, options));
// Hidden until here: a popup never comes this far, and should not flash the app on its way.
document.body.classList.remove('arriving');

async function describe(url) {
  try {
    const found = await app.client.apiScopes(url);
    described.set(url, found);
    for (const scope of found.supported) needs[scope] ??= 'the API has it';
    app.renderPanel();
  } catch (error) {
    described.set(url, error);
  }
  render();
}

/** The API's document is read once; what of it is held may be something else now. */
function changed() {
  render();
  if (app.client.session.signedIn) describe(config.rooms);
}

/**
 * Makes a call in the click. Where it leads to a question, that is in a popup, which can be taken back. `work` gets a signal;
 * true where it came to something.
 */
async function inClick(work, refused) {
  const asking = new AbortController();
  const { signal } = asking;
  clearNotices();
  tellWaiting('One moment.', 'If a permission is missing, Harbor ID asks you in a window of its own.', [button('Never mind', () => asking.abort(), { 'data-testid': 'never-mind' })]);
  try {
    await work(signal);
    clearNotices();
    return true;
  } catch (error) {
    if (signal.aborted) clearNotices();
    else explain(error, refused);
    return false;
  }
}

function explain(error, refused) {
  if (error.code === 'insufficient_scope' && error.missing?.length === 0) {
    warn('The API wants more than Foyer may ask for.', 'It named a permission that this app lets no API ask you for, so nobody asked you, and the door stays shut.', [], error.code);
  } else if (['missing_scope', 'insufficient_scope'].includes(error.code)) {
    tellRefusal('Not without your yes.', refused);
  } else if (error.code) {
    const isOver = ['not_signed_in', 'login_required', 'invalid_token'].includes(error.code);
    showError(error, [isOver && signInButton('Sign in again')].filter(Boolean));
  } else {
    warn(error instanceof ApiError ? error.message : 'The API does not answer.', 'Please try again in a moment.', [], 'api');
  }
}

const showRooms = () => inClick(async (signal) => {
  rooms = await api.list(signal);
  render();
}, 'You did not allow Foyer to see the rooms, so they stay hidden.');

async function change(room, work, refused, said) {
  const isDone = await inClick(async (signal) => {
    const now = await work(room.id, signal);
    if (now) rooms = rooms.map((one) => (one.id === now.id ? now : one));
    render();
  }, refused);
  if (isDone) tell('Done.', said);
}

async function ask(scope) {
  const isDone = await inClick(async (signal) => {
    const { outcome } = await app.upgrade(scope, { mode: 'popup', signal });
    if (outcome !== 'granted') throw Object.assign(new Error('no'), { code: 'missing_scope' });
  }, `You did not allow ${scope}. Everything else is as it was.`);
  if (isDone) tell('Granted.', `Foyer now has ${scope}.`);
}

function signInButton(label) {
  return button(label, () => app.signIn(), { class: 'primary', 'data-testid': 'sign-in' });
}

function render() {
  renderAccount(app);
  const { signedIn } = app.client.session;
  if (!signedIn) {
    rooms = undefined;
    described.clear();
  }
  const before = document.activeElement?.dataset?.testid;
  byId('view').replaceChildren(...(signedIn ? foyer() : signedOut()));
  // The keyboard stays where it was, as far as that is still there.
  if (before) document.querySelector(`#view [data-testid="${CSS.escape(before)}"]`)?.focus();
}

function signedOut() {
  return [
    el('h1', {}, 'The rooms of the house'),
    el('p', { class: 'lead' }, 'Foyer books rooms with an API that it knows by its address alone.'),
    app.error?.code !== 'access_denied' && el('p', {}, signInButton('Sign in with Harbor ID')),
    el('p', { class: 'soft' }, 'Nobody told Foyer which permissions there are. The API says so itself, and you are asked for one when it matters.'),
  ].filter(Boolean);
}

function foyer() {
  return [
    el('h1', {}, 'The rooms of the house'),
    apiCard(),
    ...(rooms ? [el('ul', { class: 'rooms', 'data-testid': 'rooms' }, rooms.map(line))] : [el('p', {}, button('Show the rooms', showRooms, { class: 'primary', 'data-testid': 'show-rooms' }))]),
    el('h2', { class: 'section' }, 'An API from elsewhere'),
    strangerCard(),
  ];
}

/** What the API says of itself. */
function apiCard() {
  const found = described.get(config.rooms);
  const at = el('p', { class: 'at' }, el('code', {}, config.rooms));
  if (!found) return el('section', { class: 'api' }, el('h2', {}, 'An API'), at, el('p', { class: 'loading' }, 'Reading what it says of itself…'));
  if (found instanceof Error) return el('section', { class: 'api', 'data-testid': 'api' }, el('h2', {}, 'An API'), at, ...unsound(found, config.rooms));
  const { name, supported, missing } = found;
  return el('section', { class: 'api', 'data-testid': 'api' }, el('h2', {}, name ?? 'An API'), at,
    el('ul', { class: 'offered', 'aria-label': 'What it offers' }, supported.map((scope) => offered(scope, missing.includes(scope)))),
    el('p', { class: 'soft' }, missing.length > 0 ? 'Ask now, or wait until a call needs it.' : 'You hold all that it lists.'));
}

const offered = (scope, isMissing) => el('li', { class: isMissing ? 'lacking' : 'held', 'data-testid': `offered-${scope}`, 'data-held': String(!isMissing) },
  el('code', {}, scope),
  el('div', { class: 'does' }, el('span', { class: 'is' }, isMissing ? 'missing' : 'held'),
    isMissing && button('Ask for it', () => ask(scope), { 'data-testid': `ask-${scope}`, 'aria-label': `Ask for ${scope}` })));

function strangerCard() {
  const url = config.almanac.events;
  const found = described.get(url);
  return el('section', { class: 'api', 'data-testid': 'stranger' }, el('h2', {}, 'Almanac’s events'), el('p', { class: 'at' }, el('code', {}, url)),
    ...(found instanceof Error ? unsound(found, url)
      : [el('p', {}, button('Read what it says of itself', () => describe(url), { 'data-testid': 'read-stranger' }))]));
}

/** Why what an API says of itself is of no use here, in plain words. */
function unsound({ code, message }, url) {
  const isOfOthers = code === 'metadata_invalid';
  return [
    el('p', { 'data-testid': 'unsound', 'data-code': code }, isOfOthers
      ? 'This API is not for people of Harbor ID: what it says of itself names another sign-in service, or another API. So nothing that it lists counts, and no token went there.'
      : 'What this API says of itself could not be read.'),
    !isOfOthers && el('p', {}, button('Try again', () => describe(url))),
    el('details', {}, el('summary', {}, 'For developers'), el('p', {}, el('code', { 'data-testid': 'unsound-code' }, code), ' ', message)),
  ].filter(Boolean);
}

function line(room) {
  const { id, name, seats, isFree, isYours } = room;
  const state = isYours ? 'yours today' : isFree ? 'free' : 'taken';
  const giveBack = () => change(room, api.giveBack, `You did not allow it, so ${name} stays yours.`, `${name} is free again.`);
  const book = () => change(room, api.book, 'You did not allow Foyer to book rooms, so nothing was booked.', `${name} is yours today.`);
  const open = () => change(room, api.open, 'The door stays shut.', `The door is open: ${name}.`);
  return el('li', { 'data-testid': `room-${id}`, 'data-state': state },
    el('div', { class: 'what' }, el('strong', {}, name), el('span', {}, `${seats} seats · ${state}`)),
    el('div', { class: 'does' },
      isYours && button('Give it back', giveBack, { 'data-testid': `give-back-${id}`, 'aria-label': `Give it back: ${name}` }),
      isFree && button('Book', book, { 'data-testid': `book-${id}`, 'aria-label': `Book: ${name}` }),
      button('Open the door', open, { class: 'plain', 'data-testid': `open-${id}`, 'aria-label': `Open the door: ${name}` })));
}

if (app) {
  const isRefusal = app.error?.code === 'access_denied';
  if (app.error) showError(app.error, [isRefusal && signInButton('Try again')].filter(Boolean));
  app.client.subscribe(changed);
  changed();
}
