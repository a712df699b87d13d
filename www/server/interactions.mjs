// Signing in and consenting: what happens between an authorization request and its answer.
import { errors } from 'oidc-provider';
import { viewsOf } from './views.mjs';

const OIDC_SCOPES = ['openid', 'profile', 'email', 'offline_access'];
const FORM_LIMIT = 10_000;

/** Of a provider and what it is made of. */
export function interactions(provider, house, log) {
  const views = viewsOf(house);
  const desk = { provider, views, accounts: house.accounts, apis: house.apis(provider.issuer) };
  return async (request, response) => {
    try {
      const interaction = await provider.interactionDetails(request, response);
      if (request.method === 'GET') {
        send(response, 200, await show(desk, interaction, request));
      } else if (request.method === 'POST') {
        const form = await readForm(request);
        const result = await decide(desk, interaction, form);
        await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: 'consent' in result });
      } else {
        response.writeHead(405, { allow: 'GET, POST' }).end();
      }
    } catch (error) {
      if (!(error instanceof errors.OIDCProviderError)) throw error;
      log(`${error.error}: ${error.error_description}`);
      send(response, error.statusCode ?? 400, views.requestError(error));
    }
  };
}

async function show(desk, interaction, request) {
  const { provider, views, accounts } = desk;
  const { params, prompt, session } = interaction;
  const client = await provider.Client.find(params.client_id);
  const app = client.clientName ?? client.clientId;
  const { pathname: action, searchParams } = new URL(request.url, provider.issuer);
  const wantsOther = searchParams.has('other');
  if (prompt.name === 'consent' && !wantsOther) {
    return views.consent({ action, app, account: accounts.byId(session.accountId), scopes: await questions(desk, interaction) });
  }
  return views.accounts({ action, app, accounts: accounts.all, hinted: accounts.byHint(params.login_hint), canGoBack: wantsOther });
}

async function decide(desk, interaction, form) {
  switch (form.get('action')) {
    case 'login': {
      const account = desk.accounts.byId(form.get('account'));
      if (!account) throw new errors.InvalidRequest('unknown account');
      return { login: { accountId: account.id, remember: false }, select_account: {} };
    }
    case 'allow': {
      if (interaction.prompt.name !== 'consent') throw new errors.InvalidRequest('nobody is signed in yet');
      return { consent: { grantId: await consent(desk, interaction, form.getAll('scope')) } };
    }
    case 'deny':
      return { error: 'access_denied', error_description: 'The person said no.' };
    default:
      throw new errors.InvalidRequest('unknown action');
  }
}

/** The scopes of the request that this server knows, each with what was said about it before. */
async function questions({ provider, apis }, { params, grantId }) {
  const grant = grantId && await provider.Grant.find(grantId);
  const groups = groupsOf(apis, params, grant);
  return groups.flatMap(({ asked, held }) => asked.map((scope) => ({ scope, isGranted: held.includes(scope), isFixed: scope === 'openid' })));
}

/** What a request asks for and what is held: of OpenID Connect, and of each API. Scopes of an API that it does not name are none of its business. */
function groupsOf(apis, { scope = '', resource = [] }, grant) {
  const words = (text) => (text ?? '').split(' ').filter(Boolean);
  const asked = [...new Set(words(scope))];
  const group = (api, known, held) => ({ api, asked: asked.filter((one) => known.includes(one)), held: words(held) });
  return [
    group(undefined, OIDC_SCOPES, grant?.getOIDCScope()),
    ...Object.entries(apis).map(([api, scopes]) => group(api, [resource].flat().includes(api) ? scopes : [], grant?.getResourceScope(api))),
  ];
}

/**
 * Saves the answer. The grant is written anew under its old id: what this request asked is decided now,
 * what earlier requests got and this one did not mention stays.
 */
async function consent({ provider, apis }, { params, session, grantId }, ticked) {
  const before = grantId && await provider.Grant.find(grantId);
  const grant = new provider.Grant({ jti: before?.jti, accountId: session.accountId, clientId: params.client_id });
  const isAllowed = (scope) => scope === 'openid' || ticked.includes(scope);
  for (const { api, asked, held } of groupsOf(apis, params, before)) {
    const unmentioned = held.filter((scope) => !asked.includes(scope));
    const allowed = [...unmentioned, ...asked.filter(isAllowed)];
    const refused = asked.filter((scope) => !isAllowed(scope));
    if (api === undefined) {
      grant.addOIDCScope(allowed);
      grant.rejectOIDCScope(refused);
    } else {
      grant.addResourceScope(api, allowed);
      grant.rejectResourceScope(api, refused);
    }
  }
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
