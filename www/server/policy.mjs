// When people are asked: oidc-provider's policy, with three differences that make upgrades work as people expect.
import { interactionPolicy } from 'oidc-provider';

const { Check, Prompt, base } = interactionPolicy;

export function askAgain({ byHint }) {
  const policy = base();

  // 1. prompt=select_account is understood.
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0);

  // 2. An app that names another person than the one signed in here gets the chance to have that person sign in.
  policy.get('login').checks.add(new Check('other_account_hinted', 'another account is meant', 'login_required', ({ oidc }) => {
    const hinted = byHint(oidc.params.login_hint);
    const isOther = hinted && oidc.session.accountId && hinted.id !== oidc.session.accountId;
    return Boolean(isOther && !oidc.result?.login);
  }));

  // 3. A no is an answer to one request. By default a rejected scope would never be asked for again.
  const { checks } = policy.get('consent');
  checks.remove('op_scopes_missing');
  checks.remove('rs_scopes_missing');
  checks.add(new Check('scopes_not_granted', 'requested scopes are not granted', 'consent_required', ({ oidc }) => {
    if (oidc.result?.consent) return Check.NO_NEED_TO_PROMPT;
    return wantedScopes(oidc).some((scope) => !grantedScopes(oidc).has(scope));
  }));
  return policy;
}

function wantedScopes({ requestParamScopes, requestParamOIDCScopes, resourceServers }) {
  const ofResources = Object.values(resourceServers)
    .flatMap(({ scopes }) => [...requestParamScopes].filter((scope) => scopes.has(scope)));
  return [...requestParamOIDCScopes, ...ofResources];
}

function grantedScopes({ grant, resourceServers }) {
  const ofResources = Object.keys(resourceServers).map((resource) => grant.getResourceScope(resource));
  return new Set([grant.getOIDCScope(), ...ofResources].join(' ').split(' '));
}
