// Starts the pages on one loopback port, and the authorization server with the API on another: two origins, as in real life.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { appointmentsApi } from './api.mjs';
import { demoClients, originsOf, RESOURCE } from './clients.mjs';
import { interactions } from './interactions.mjs';
import { listen } from './listen.mjs';
import { securityHeaders, stylesheet } from './look.mjs';
import { pages } from './pages.mjs';
import { authorizationServer } from './provider.mjs';

const PACKAGE = fileURLToPath(new URL('../../pkg', import.meta.url));
const DOCS = fileURLToPath(new URL('../../target/docs-site', import.meta.url));

/**
 * @param {object} [options]
 * @param {number} [options.port] of the pages; 0 is any free one
 * @param {number} [options.authPort] of the authorization server and the API; the next one after `port` by default
 * @param {boolean} [options.strict] fail where a port is taken, instead of trying the next ones
 * @param {number} [options.accessTokenTTL] seconds
 * @param {number} [options.refreshTokenTTL] seconds
 * @param {string} [options.openerPolicy] Cross-Origin-Opener-Policy of the authorization server's pages
 * @param {boolean} [options.watched] also return the provider, which tells of every grant and token
 * @param {object[] | ((origin: string) => object[])} [options.clients] more client registrations; one with a known client_id replaces it
 * @param {string} [options.packageDir] the built SDK
 * @param {string} [options.docsDir] the built documentation
 * @param {(line: string) => void} [options.log]
 */
export async function start({
  port = 4400, authPort, strict = false,
  accessTokenTTL = 3600, refreshTokenTTL = 14 * 24 * 3600,
  openerPolicy, watched = false, clients = [], packageDir = PACKAGE, docsDir = DOCS, log = () => {},
} = {}) {
  const web = await listen(port, strict);
  const auth = await listen(authPort ?? (port && web.port + 1), strict).catch(async (error) => {
    await web.close();
    throw error;
  });
  const origin = web.origin;
  const issuer = auth.origin;
  const api = `${issuer}/api`;

  const registered = demoClients(origin, typeof clients === 'function' ? clients(origin) : clients);
  const provider = await authorizationServer({ issuer, accessTokenTTL, refreshTokenTTL, clients: registered });
  const secure = securityHeaders(originsOf(registered), openerPolicy);
  const answerApi = appointmentsApi({ issuer, origin });
  const answerInteraction = interactions(provider, log);
  const answerProvider = provider.callback();

  auth.answer((request, response) => {
    const { pathname } = new URL(request.url, issuer);
    if (pathname.startsWith('/api/')) return answerApi(request, response, pathname);
    secure(response);
    if (pathname === '/look.css') return stylesheet(response);
    if (pathname.startsWith('/interaction/')) return answerInteraction(request, response);
    return answerProvider(request, response);
  });

  const config = {
    issuer, api, resource: RESOURCE, clients: { welcome: 'welcome-app', calendar: 'calendar-app', own: 'own-app' },
  };
  web.answer(pages({ config, packageDir, docsDir }));
  if (!existsSync(`${packageDir}/index.js`)) log('The SDK is not built yet, so the pages cannot sign in: run `cargo xtask build`.');

  return {
    url: `${origin}/`,
    issuer,
    api,
    ...(watched && { events: provider }),
    close: async () => { await Promise.all([web.close(), auth.close()]); },
  };
}
