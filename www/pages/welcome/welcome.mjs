// Plume writes a welcome e-mail to whoever signs up, if they share their address.
import { loadConfig, openApp, renderAccount } from '/shared/app.mjs';
import { button, byId, codes, el } from '/shared/dom.mjs';
import { clearNotices, showError, tell } from '/shared/notice.mjs';
import * as tab from '/shared/tab.mjs';

const NEEDS = { openid: 'to know you again', profile: 'to greet you by name', email: 'the welcome e-mail' };
const DECLINED = 'plume.declined-email';

const CODE = `const client = await createClient({
  clientId: 'welcome-app', issuer,
  redirectUri: location.origin + '/welcome/',
  scope: 'openid profile email',
});
const outcome = await client.handleCallback();

signUp.onclick = () => client.signIn();
const { email } = client.session.claims;
if (email) greet(email);
else share.onclick = () => client.upgrade('email');`;

const config = await loadConfig();
const app = await openApp({
  name: 'plume',
  needs: NEEDS,
  code: CODE,
  options: {
    clientId: config.clients.welcome,
    issuer: config.issuer,
    redirectUri: `${location.origin}/welcome/`,
    scope: 'openid profile email',
  },
});

if (app) {
  takeUp(app);
  app.client.subscribe(render);
  render();
}

function takeUp({ outcome, error }) {
  if (error) {
    const isRefusal = error.code === 'access_denied';
    showError(error, [isRefusal && signInButton('Try again')].filter(Boolean));
  }
  if (!outcome) return;
  // A no to the upgrade is respected: from then on a quiet line, until somebody signs in anew.
  const isNo = outcome.kind === 'upgrade' && outcome.outcome !== 'granted';
  if (isNo) tab.keep(DECLINED, 'yes');
  else tab.drop(DECLINED);
  if (outcome.kind === 'upgrade' && !isNo) tell('Thank you.', 'Your welcome e-mail can go out now.');
}

function signInButton(label) {
  return button(label, () => app.signIn(), { class: 'primary', 'data-testid': 'sign-in' });
}

function askButton(label, properties) {
  return button(label, () => { clearNotices(); return app.upgrade('email').catch(showError); }, { 'data-testid': 'ask-again', ...properties });
}

function render() {
  renderAccount(app);
  const { signedIn } = app.client.session;
  const isRefused = app.error?.code === 'access_denied';
  byId('view').replaceChildren(...(signedIn ? welcome() : signUp(isRefused)));
}

function signUp(isRefused) {
  return [
    el('h1', {}, 'Letters worth opening'),
    el('p', { class: 'lead' }, 'Plume sends you one good letter a week. It begins with a welcome.'),
    // After a no, the way to try again is in the notice above.
    !isRefused && el('p', {}, signInButton('Sign up with Harbor ID')),
    el('p', { class: 'soft' }, 'Plume asks for your name and your e-mail address. Harbor ID lets you choose what to share, and either way you are in.'),
  ].filter(Boolean);
}

function welcome() {
  const { client } = app;
  const { claims } = client.session;
  const name = claims?.given_name;
  const heading = el('h1', {}, name ? `Welcome, ${name}` : 'Welcome');
  if (!client.hasScope('email') && !claims?.email) return [heading, ...withoutEmail()];
  if (!claims?.email) {
    return [heading, el('p', { class: 'lead', 'data-testid': 'no-address' }, 'You share your e-mail address, but your account does not have one.')];
  }
  return [
    heading,
    el('p', { class: 'lead', 'data-testid': 'welcome-email' }, 'We will write to ', el('strong', {}, claims.email), '.'),
    letter(claims.email, name),
  ];
}

function letter(to, name) {
  return el('article', { class: 'letter', 'aria-label': 'The welcome e-mail' },
  el('dl', {}, el('dt', {}, 'To'), el('dd', {}, to), el('dt', {}, 'Subject'), el('dd', {}, 'Hello from Plume')),
  el('p', {}, `Dear ${name ?? 'reader'},`),
  el('p', {}, 'how good that you are here. Your first letter comes on Sunday, with the coffee.'),
  el('p', {}, 'Yours, Plume'));
}

function withoutEmail() {
  if (tab.read(DECLINED)) {
    return [
      el('p', { class: 'lead' }, 'You are in, and your letters wait for you here.'),
      el('p', { class: 'soft', 'data-testid': 'no-email' }, 'No welcome e-mail, as you wish. ', askButton('Share my address after all', { class: 'inline' })),
    ];
  }
  return [
    el('p', { class: 'lead' }, 'You are in, and your letters wait for you here.'),
    el('section', { class: 'offer', 'data-testid': 'no-email' },
      el('h2', {}, 'One thing we cannot do'),
      el('p', {}, 'We cannot send you the welcome e-mail, because you did not share your address (', ...codes(['email']), ').'),
      el('p', {}, askButton('Share my e-mail address', { class: 'primary' }))),
  ];
}
