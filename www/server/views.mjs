// The pages of a provider.
import { html, trusted } from './html.mjs';
import { pageOf } from './look.mjs';

/** What the scopes of OpenID Connect mean to the person who is asked. */
const MEANINGS = {
  openid: ['Know that it is you', 'a number that stands for you, nothing more'],
  profile: ['See your name', 'first name, last name, user name'],
  email: ['See your e-mail address', 'to write to you'],
  offline_access: ['Stay signed in', 'renew this access while you are away'],
};

const hidden = (name, value) => html`<input type="hidden" name="${name}" value="${value}">`;

/** The pages of one provider, in its look. */
export function viewsOf(house) {
  const page = pageOf(house);
  const meanings = { ...MEANINGS, ...house.meanings };
  return {
    accounts: (given) => accountsPage(page, given),
    consent: (given) => consentPage(page, meanings, given),
    requestError: (error) => requestErrorPage(page, error),
    // What follows is called by oidc-provider with its context.
    error: (ctx, out) => show(ctx, requestErrorPage(page, out)),
    logout: (ctx, form) => show(ctx, logoutPage(page, house.name, ctx.oidc.client?.clientName ?? 'the app', form)),
    loggedOut: (ctx) => show(ctx, message(page, 'You are signed out', html`<p class="lead">You can close this page.</p>`)),
  };
}

async function show(ctx, body) {
  ctx.type = 'html';
  ctx.body = String(body);
}

const accountsPage = (page, { action, accounts, app, hinted, canGoBack }) => page('Sign in', html`
<h1>Sign in to ${app}</h1>
<p class="lead">Who are you today?</p>
<ul class="accounts">
${accounts.map((account) => html`<li><form method="post" action="${action}">
${hidden('action', 'login')}${hidden('account', account.id)}
<button class="account" data-testid="account-${account.id}"${account === hinted ? trusted(' autofocus') : ''}>
<span class="avatar" aria-hidden="true">${account.given[0]}</span>
<span><strong>${account.name}</strong><small>${account.email}</small></span>
${account === hinted && html`<span class="tag">suggested</span>`}
</button></form></li>`)}
</ul>
<form method="post" action="${action}" class="row">
${hidden('action', 'deny')}
${canGoBack && html`<a class="quiet" href="${action}">Back</a>`}
<button class="quiet" data-testid="cancel">Cancel and return to ${app}</button>
</form>`);

const scopeRow = (meanings) => ({ scope, isGranted, isFixed }) => {
  const [title, detail] = meanings[scope] ?? [scope, ''];
  const state = isFixed ? trusted(' checked disabled') : trusted(' checked');
  return html`<li><label class="scope" data-testid="consent-${scope}">
<input type="checkbox" name="scope" value="${scope}"${state}>
<span><strong>${title}</strong><small>${detail}${detail && ' · '}<code>${scope}</code></small></span>
${isFixed ? html`<span class="tag">always</span>` : isGranted && html`<span class="tag" data-testid="already-${scope}">allowed before</span>`}
</label></li>`;
};

const consentPage = (page, meanings, { action, app, account, scopes }) => {
  const row = scopeRow(meanings);
  const asked = scopes.filter(({ isGranted }) => !isGranted);
  const held = scopes.filter(({ isGranted }) => isGranted);
  return page(`${app} asks`, html`
<h1>${app} would like to</h1>
<form method="post" action="${action}">
${asked.length > 0 && html`<ul class="scopes" data-testid="asked">${asked.map(row)}</ul>`}
${held.length > 0 && html`<h2>${asked.length > 0 ? 'And keep what you allowed before' : 'Keep what you allowed before'}</h2>
<ul class="scopes" data-testid="held">${held.map(row)}</ul>`}
<p class="hint">Untick what you do not want to share. You can change your mind later.</p>
<div class="buttons">
<button name="action" value="allow" class="primary" data-testid="allow">Allow</button>
<button name="action" value="deny" data-testid="deny">Deny</button>
</div>
</form>
<p class="who"><span class="avatar small" aria-hidden="true">${account.given[0]}</span>
<span>Signed in as <strong data-testid="consent-account">${account.name}</strong></span>
<a href="${action}?other" data-testid="other-account">Use another account</a></p>`);
};

const message = (page, title, ...paragraphs) => page(title, html`<h1>${title}</h1>${paragraphs}`);

const requestErrorPage = (page, { error, error_description: description }) => message(
  page,
  'This request cannot go on',
  html`<p class="lead">Go back to the app and start again there.</p>`,
  html`<p class="hint" data-testid="provider-error"><code>${error}</code> ${description}</p>`,
);

const logoutPage = (page, name, app, form) => message(
  page,
  `Sign out of ${name}?`,
  html`<p class="lead">You have left ${app}. Other apps may still know you through ${name}.</p>`,
  trusted(form),
  html`<div class="buttons">
<button form="op.logoutForm" name="logout" value="yes" class="primary" data-testid="logout-yes">Sign out everywhere</button>
<button form="op.logoutForm" data-testid="logout-no">Only from the app</button>
</div>`,
);
