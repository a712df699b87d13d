// Messages above the page's content: what happened, in words, and what can be done.
import { el, byId } from './dom.mjs';

const WORDS = {
  access_denied: ['You said no, and that is fine', 'Nothing was shared. You can try again whenever you like.'],
  popup_closed: ['The window was closed', 'Nobody answered, and nothing has changed. You can try again whenever you like.'],
  popup_blocked: ['The browser blocked the window', 'Please allow it for this site, and try again.'],
  subject_mismatch: ['That was somebody else', 'A different person came back than the one who is signed in here. Nothing has changed: you are still who you were.'],
  login_required: ['Please sign in again', 'The sign-in service does not know you any more.'],
  interaction_required: ['The sign-in service needs you', 'It has a question that only you can answer. Please sign in again.'],
  consent_required: ['The sign-in service needs your yes', 'Please sign in again, and it will ask you.'],
  not_signed_in: ['You are signed out', 'Your session has ended. Please sign in again.'],
  transaction_missing: ['This answer belongs elsewhere', 'It came back to another tab than it was asked from, or too late. Please start again here.'],
  transaction_expired: ['That took a while', 'The request is too old to go on with. Please start again.'],
  callback_consumed: ['That answer was used already', 'It works once only. If you are not signed in, please start again.'],
  network: ['No connection', 'The server could not be reached. Please try again in a moment.'],
  timeout: ['No answer', 'The server took too long. Please try again in a moment.'],
  token_response_lost: ['The answer got lost', 'The connection broke at the wrong moment. Please start again.'],
  invalid_scope: ['The server does not know what was asked', 'It refused one of the scopes in the request.'],
  metadata_invalid: ['This does not look like a sign-in service', 'Its description could not be read. Is the issuer right?'],
  invalid_options: ['These settings do not work', 'Please have a look at them.'],
  storage_unavailable: ['This browser may not remember anything', 'While you are away at the sign-in service, the page must remember its question. Please allow this site to store data.'],
  insufficient_scope: ['Not allowed', 'The server wants a permission that this app does not have.'],
  upgrade_loop: ['Not allowed, even so', 'What the server asks for was granted, and it still refuses.'],
  missing_scope: ['Not allowed yet', 'This needs a permission that this app does not have.'],
};

/** What people did on purpose. */
const ANSWERS = ['access_denied', 'popup_closed'];

const OTHER = ['That did not work', 'Something unexpected came back. Please try again.'];

function show(kind, role, { title, text, detail, code, actions = [] }) {
  const notice = el('section', { class: `notice ${kind}`, role, tabindex: '-1', 'data-testid': 'notice', 'data-kind': kind, 'data-code': code },
    el('p', {}, el('strong', {}, title), ' ', text ?? ''),
    detail ?? null,
    actions.length > 0 && el('p', { class: 'actions' }, actions));
  byId('notices').replaceChildren(notice);
  // After a redirect, or when the button that was pressed is gone, the keyboard goes on from here.
  if (document.activeElement === document.body) notice.focus();
}

export const clearNotices = () => byId('notices').replaceChildren();
export const tell = (title, text, actions) => show('done', 'status', { title, text, actions });
export const warn = (title, text, actions, code) => show('error', 'alert', { title, text, actions, code });
/** A no is an answer, not an error, and does not look like one. */
export const tellRefusal = (title, text, actions) => show('refusal', 'alert', { title, text, actions, code: 'denied' });

/** Something goes on elsewhere. */
export const tellWaiting = (title, text, actions) => show('waiting', 'status', { title, text, actions });

export const titleOf = ({ code }) => (WORDS[code] ?? OTHER)[0];

/** Any error as a friendly notice. The code and the developer's message are one click away. */
export function showError(error, actions) {
  const { code } = error;
  const [title, text] = WORDS[code] ?? OTHER;
  const detail = el('details', {},
    el('summary', {}, 'For developers'),
    el('p', {}, el('code', { 'data-testid': 'error-code' }, code ?? error.name), ' ', error.message, error.description ? ` (${error.description})` : ''));
  show(ANSWERS.includes(code) ? 'refusal' : 'error', 'alert', { title: `${title}.`, text, detail, code: code ?? 'unexpected', actions });
}
