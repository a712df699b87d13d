// Signing in and consenting: what happens between an authorization request and its answer.
import { errors } from 'oidc-provider';
import { accounts, byHint, byId } from './accounts.mjs';
import { API_SCOPES, RESOURCE } from './clients.mjs';
import { accountsPage, consentPage, requestErrorPage } from './views.mjs';

const OIDC_SCOPES = ['openid', 'profile', 'email', 'offline_access'];
const FORM_LIMIT = 10_000;

export function interactions(provider, log) {
  return async (request, response) => {
    try {
      const interaction = await provider.interactionDetails(request, response);
      if (request.method === 'GET') {
        send(response, 200, await show(provider, interaction, request));
      } else if (request.method === 'POST') {
        const form = await readForm(request);
        const result = await decide(provider, interaction, form);
        await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: 'consent' in result });
      } else {
        response.writeHead(405, { allow: 'GET, POST' }).end();
      }
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      log(`${error.error}: ${error.error_description}`);
      send(response, error.statusCode ?? 400, requestErrorPage(error));
    }
  };
}

async function show(provider, interaction, request) {
  const { params, prompt, session } = interaction;
  const client = await provider.Client.find(params.client_id);
  const app = client.clientName ?? client.clientId;
  const { pathname: action, searchParams } = new URL(request.url, provider.issuer);
  const wantsOther = searchParams.has('other');
  if (prompt.name === 'consent' && !wantsOther) {
    return consentPage({ action, app, account: byId(session.accountId), scopes: await questions(provider, interaction) });
  }
  return accountsPage({ action, app, accounts, hinted: byHint(params.login_hint), canGoBack: wantsOther });
}

async function decide(provider, interaction, form) {
  switch (form.get('action')) {
    case 'login': {
      const account = byId(form.get('account'));
      if (!account) throw new errors.InvalidRequest('unknown account');
      return { login: { accountId: account.id, remember: false }, select_account: {} };
    }
    case 'allow': {
      if (interaction.prompt.name !== 'consent') throw new errors.InvalidRequest('nobody is signed in yet');
      return { consent: { grantId: await consent(provider, interaction, form.getAll('scope')) } };
    }
    case 'deny':
      return { error: 'access_denied', error_description: 'The person said no.' };
    default:
      throw new errors.InvalidRequest('unknown action');
  }
}

/** The scopes of the request that this server knows, each with what was said about it before. */
async function questions(provider, { params, grantId }) {
  const grant = grantId && await provider.Grant.find(grantId);
  const held = new Set(grant ? heldScopes(grant) : []);
  return asked(params).map((scope) => ({ scope, isGranted: held.has(scope), isFixed: scope === 'openid' }));
}

function asked({ scope = '', resource }) {
  const known = resource ? [...OIDC_SCOPES, ...API_SCOPES] : OIDC_SCOPES;
  return [...new Set(scope.split(' '))].filter((one) => known.includes(one));
}

const isApiScope = (scope) => API_SCOPES.includes(scope);
const heldScopes = (grant) => `${grant.getOIDCScope()} ${grant.getResourceScope(RESOURCE)}`.split(' ').filter(Boolean);

/**
 * Saves the answer. The grant is written anew under its old id: what this request asked is decided now,
 * what earlier requests got and this one did not mention stays.
 */
async function consent(provider, { params, session, grantId }, ticked) {
  const before = grantId && await provider.Grant.find(grantId);
  const grant = new provider.Grant({ jti: before?.jti, accountId: session.accountId, clientId: params.client_id });
  const scopes = asked(params);
  const unmentioned = before ? heldScopes(before).filter((scope) => !scopes.includes(scope)) : [];
  const isAllowed = (scope) => scope === 'openid' || ticked.includes(scope);
  const allowed = [...unmentioned, ...scopes.filter(isAllowed)];
  const refused = scopes.filter((scope) => !isAllowed(scope));

  grant.addOIDCScope(allowed.filter((scope) => !isApiScope(scope)));
  grant.addResourceScope(RESOURCE, allowed.filter(isApiScope));
  grant.rejectOIDCScope(refused.filter((scope) => !isApiScope(scope)));
  grant.rejectResourceScope(RESOURCE, refused.filter(isApiScope));
  // Who allows the app anything allows it the details, too.
  for (const detail of JSON.parse(params.authorization_details ?? '[]')) grant.addRar(detail);
  return grant.save();
}

async function readForm(request) {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > FORM_LIMIT) throw new errors.InvalidRequest('form too large');
  }
  return new URLSearchParams(text);
}

function send(response, status, page) {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(String(page));
}
