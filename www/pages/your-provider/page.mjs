// scopewise against a provider of one's own: sign in, look at the scopes, ask for more by name.
import { loadConfig, openApp, renderAccount } from '/shared/app.mjs';
import { button, byId, el } from '/shared/dom.mjs';
import { clearNotices, showError, tell, tellRefusal } from '/shared/notice.mjs';
import { demoSettings, readSettings, redirectUri, settingsForm } from '/shared/settings.mjs';
import { defineInspector } from 'scopewise/inspector';
import { checkUp } from './check.mjs';

const config = await loadConfig();
const settings = readSettings();
const options = settings && {
  issuer: settings.issuer,
  clientId: settings.clientId,
  scope: settings.scope.split(/\s+/),
  redirectUri: redirectUri(),
  ...(settings.audience && { audience: settings.audience }),
};
const app = settings && await openApp({
  name: `own-provider.${settings.clientId}`,
  needs: Object.fromEntries(settings.scope.split(/\s+/).map((scope) => [scope, 'the first sign-in'])),
  code: codeOf(settings),
  options,
});

if (app) {
  if (app.error) showError(app.error);
  if (app.outcome?.kind === 'upgrade') report(app.outcome);
  app.client.subscribe(render);
  render();
  byId('main').append(inspector(app.client));
} else {
  byId('view').replaceChildren(...setUp());
}

/** The same client, as developers see it in an app of theirs. */
function inspector(client) {
  defineInspector();
  const element = el('scopewise-inspector', { 'data-testid': 'inspector' });
  element.client = client;
  return el('details', { class: 'inspector' }, el('summary', {}, 'The inspector, for any app while you build it'), element);
}

function report({ outcome, granted, missing }) {
  if (outcome === 'granted') tell('Granted.', `You now have ${granted.join(' ')}.`);
  else {
    const again = button('Ask again', () => ask(missing), { 'data-testid': 'ask-again' });
    tellRefusal('Not everything was granted.', `Missing: ${missing.join(' ')}. You are still signed in.`, [again]);
  }
}

async function ask(scope) {
  clearNotices();
  try {
    report(await app.upgrade(scope));
  } catch (error) {
    showError(error);
  }
}

function setUp() {
  return [
    el('h1', {}, 'Try your own provider'),
    el('p', { class: 'lead' }, 'Everything happens in this browser: the settings stay in this tab, and only your provider hears of them.'),
    settingsForm({ defaults: demoSettings(config), submitLabel: 'Continue', onSave: () => location.assign('/your-provider/') }),
  ];
}

function render() {
  renderAccount(app);
  byId('view').replaceChildren(...(app.client.session.signedIn ? signedIn() : signedOut()));
}

function change() {
  return button('Change settings', () => byId('view').replaceChildren(...setUp()), { 'data-testid': 'own-change' });
}

function signedOut() {
  return [
    el('h1', {}, 'Ready to sign in'),
    el('p', { class: 'facts' }, 'At ', el('code', { 'data-testid': 'own-at' }, settings.issuer), ' as ', el('code', {}, settings.clientId),
      ', coming back to ', el('code', { 'data-testid': 'redirect-uri' }, redirectUri())),
    el('div', { class: 'row' }, button('Sign in', () => app.signIn(), { class: 'primary', 'data-testid': 'sign-in' }), change()),
    checkUp(options),
  ];
}

function signedIn() {
  const { claims } = app.client.session;
  const input = el('input', {
    id: 'more-scope', name: 'scope', required: true, placeholder: 'read:appointments',
    autocomplete: 'off', spellcheck: 'false', autocapitalize: 'off', 'data-testid': 'more-scope',
  });
  return [
    el('h1', {}, 'Signed in'),
    el('h2', {}, 'What the ID token says'),
    el('dl', { class: 'claims', 'data-testid': 'claims' }, claims
      ? Object.entries(claims).flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, typeof value === 'string' ? value : JSON.stringify(value))])
      : el('dd', {}, 'There is none: openid was not granted.')),
    el('form', { class: 'more', onsubmit: (event) => { event.preventDefault(); ask(input.value.trim()); } },
      el('h2', {}, 'Ask for more'),
      el('div', { class: 'field' }, el('label', { for: 'more-scope' }, 'Scopes, separated by spaces'),
        el('div', { class: 'row' }, input, el('button', { class: 'primary', 'data-testid': 'more-ask' }, 'Ask')))),
    el('p', {}, change()),
  ];
}

function codeOf({ issuer, clientId, scope, audience }) {
  return `const client = await createClient({
  issuer: '${issuer}',
  clientId: '${clientId}',
  redirectUri: location.origin + '/your-provider/',
  scope: '${scope}',${audience ? `\n  audience: '${audience}',` : ''}
});
await client.handleCallback();
await client.signIn();
await client.upgrade('read:appointments');`;
}
