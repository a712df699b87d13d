// An authorization server: the certified oidc-provider, set up for browser apps.
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import Provider, { errors } from 'oidc-provider';
import { DETAILS_TYPE } from './clients.mjs';
import { harbor } from './harbor.mjs';
import { askAgain } from './policy.mjs';
import { memoryStore } from './store.mjs';
import { viewsOf } from './views.mjs';

/** `house`: whose it is, with its accounts, APIs and look. */
export async function authorizationServer({ house = harbor, issuer, clients, accessTokenTTL, refreshTokenTTL }) {
  const views = viewsOf(house);
  // Cookies know hosts, not ports: the port in their names keeps servers beside each other apart.
  const { port } = new URL(issuer);
  /** What people allowed, by person and app: for the apps that they are not asked for again, also after they signed out here. */
  const allowed = new Map();
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true };
  const provider = new Provider(issuer, {
    adapter: memoryStore(),
    clients,
    jwks: { keys: [await signingKey()] },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: { session: `session_${port}`, interaction: `interaction_${port}`, resume: `resume_${port}` },
      long: cookie,
      short: cookie,
    },
    responseTypes: ['code'],
    clientAuthMethods: ['none'],
    findAccount: house.accounts.find,
    loadExistingGrant: ({ oidc }) => grantOf(oidc, allowed),
    claims: {
      openid: ['sub'],
      profile: ['name', 'given_name', 'family_name', 'preferred_username'],
      email: ['email', 'email_verified'],
    },
    // Claims of granted scopes in the ID token too, as most providers do it; strictly they belong to the userinfo endpoint.
    conformIdTokenClaims: false,
    clientBasedCORS: (ctx, origin, client) => client.redirectUris.some((uri) => new URL(uri).origin === origin),
    interactions: { policy: askAgain(house.accounts), url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    pkce: { methods: ['S256'], required: () => true },
    rotateRefreshToken: true,
    ttl: {
      AccessToken: accessTokenTTL,
      RefreshToken: refreshTokenTTL,
      IdToken: 3600,
      Interaction: 3600,
      Session: 24 * 3600,
      Grant: 14 * 24 * 3600,
    },
    features: featuresOf(house, views, issuer, accessTokenTTL),
    renderError: views.error,
  });
  provider.on('grant.saved', (grant) => house.remembering.includes(grant.clientId) && allowed.set(`${grant.accountId} ${grant.clientId}`, grant));
  provider.use(withoutEmptyScope);
  return provider;
}

/** What it does beyond the code flow. */
function featuresOf(house, views, issuer, accessTokenTTL) {
  const apis = house.apis(issuer);
  return {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    // Whoever binds tokens to a key proves it with a nonce of this server's.
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    resourceIndicators: {
      enabled: true,
      // Asked for at both endpoints, as RFC 8707 has it: a token request without `resource` gets a userinfo token.
      useGrantedResource: () => false,
      getResourceServerInfo: (ctx, resource) => {
        if (!Object.hasOwn(apis, resource)) throw new errors.InvalidTarget('unknown resource');
        return { scope: apis[resource].join(' '), accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } }, accessTokenTTL };
      },
    },
    // Answers as signed JWTs, for clients that ask for them or are registered so.
    jwtResponseModes: { enabled: true },
    jwtUserinfo: { enabled: true },
    richAuthorizationRequests: {
      enabled: true,
      ack: 'experimental-01',
      types: { [DETAILS_TYPE]: { validate: checkDetails } },
      rarForAuthorizationCode: ({ oidc }) => oidc.grant.rar,
      rarForCodeResponse: ({ oidc }) => oidc.authorizationCode.rar,
      rarForRefreshTokenResponse: ({ oidc }) => oidc.refreshToken.rar,
      rarForIntrospectionResponse: (ctx, token) => token.rar,
    },
    rpInitiatedLogout: { enabled: true, logoutSource: views.logout, postLogoutSuccessSource: views.loggedOut },
  };
}

/** What a person allows an app: in this session or, after the last one, as it was then. */
async function grantOf({ result, session, client: { clientId }, provider: { Grant } }, allowed) {
  const id = result?.consent?.grantId ?? session.grantIdFor(clientId);
  const current = id && await Grant.find(id);
  const before = allowed.get(`${session.accountId} ${clientId}`);
  if (current || !before) return current;
  const grant = new Grant({ accountId: session.accountId, clientId });
  grant.addOIDCScope(before.getOIDCScope());
  for (const resource of Object.keys(before.resources ?? {})) grant.addResourceScope(resource, before.getResourceScope(resource));
  await grant.save();
  return grant;
}

/**
 * Where an app asked an API for nothing, and got all that it asked for, `scope` is left out, as RFC 6749 §5.1 allows: it has no
 * empty form (§3.3). Where people said no to something, it is there, and says what is left.
 */
async function withoutEmptyScope(ctx, next) {
  await next();
  if (ctx.body?.scope !== '') return;
  const { Grant: grant, AccessToken: token } = ctx.oidc.entities;
  if (!token.aud) return;
  const refused = [grant.getRejectedOIDCScope(), grant.getRejectedResourceScope(token.aud)];
  if (!refused.some(Boolean)) delete ctx.body.scope;
}

/** What an app may say of a calendar that it wants to use (RFC 9396). */
function checkDetails(ctx, { actions }) {
  const isKnown = (action) => action === 'read' || action === 'write';
  if (!Array.isArray(actions) || !actions.every(isKnown)) throw new errors.InvalidAuthorizationDetails('unknown actions');
}

async function signingKey() {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), alg: 'RS256', use: 'sig', kid: randomBytes(8).toString('hex') };
}
