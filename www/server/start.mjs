// Starts the pages on one loopback port, and on others the two providers with their APIs: three origins, as in real life.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { almanac } from './almanac.mjs';
import { appointmentsApi } from './api.mjs';
import { almanacClients, demoClients, eventsOf, originsOf, RESOURCE, roomsOf } from './clients.mjs';
import { eventsApi } from './events.mjs';
import { harbor } from './harbor.mjs';
import { interactions } from './interactions.mjs';
import { listen } from './listen.mjs';
import { securityHeaders, stylesheet } from './look.mjs';
import { pages } from './pages.mjs';
import { authorizationServer } from './provider.mjs';
import { roomsApi } from './rooms.mjs';

const PACKAGE = fileURLToPath(new URL('../../pkg', import.meta.url));
const DOCS = fileURLToPath(new URL('../../target/docs-site', import.meta.url));

/**
 * @param {object} [options]
 * @param {number} [options.port] of the pages; 0 is any free one
 * @param {number} [options.authPort] of Harbor ID with its APIs; the next one after `port` by default
 * @param {number} [options.almanacPort] of Almanac with its API; the next one after `authPort` by default
 * @param {boolean} [options.strict] fail where a port is taken, instead of trying the next ones
 * @param {number} [options.accessTokenTTL] seconds
 * @param {number} [options.refreshTokenTTL] seconds
 * @param {string} [options.openerPolicy] Cross-Origin-Opener-Policy of Harbor ID's pages
 * @param {boolean} [options.watched] also return Harbor ID's provider, which tells of every grant and token
 * @param {object[] | ((origin: string) => object[])} [options.clients] more client registrations at Harbor ID; one with a known client_id replaces it
 * @param {string} [options.packageDir] the built SDK
 * @param {string} [options.docsDir] the built documentation
 * @param {(line: string) => void} [options.log]
 */
export async function start({
  port = 4400, authPort, almanacPort, strict = false,
  accessTokenTTL = 3600, refreshTokenTTL = 14 * 24 * 3600,
  openerPolicy, watched = false, clients = [], packageDir = PACKAGE, docsDir = DOCS, log = () => {},
} = {}) {
  const next = ({ port: before }, wanted) => wanted && before + 1;
  const held = [];
  const hold = async (wanted) => {
    const listening = await listen(wanted, strict).catch(async (error) => {
      await Promise.all(held.map(({ close }) => close()));
      throw error;
    });
    held.push(listening);
    return listening;
  };
  const web = await hold(port);
  const auth = await hold(authPort ?? next(web, port));
  const other = await hold(almanacPort ?? next(auth, authPort ?? port));
  const { origin } = web;
  const issuer = auth.origin;
  const api = `${issuer}/api`;
  const lifetimes = { accessTokenTTL, refreshTokenTTL };

  const provider = await serve(auth, {
    house: harbor, lifetimes, openerPolicy, log,
    clients: demoClients(origin, typeof clients === 'function' ? clients(origin) : clients),
    apis: [appointmentsApi({ issuer, origin }), roomsApi({ issuer, origin })],
  });
  await serve(other, { house: almanac, lifetimes, log, clients: almanacClients(origin), apis: [eventsApi({ issuer: other.origin, origin })] });

  const config = {
    issuer, api, resource: RESOURCE, rooms: roomsOf(issuer),
    clients: { welcome: 'welcome-app', calendar: 'calendar-app', rooms: 'rooms-app', own: 'own-app' },
    almanac: { issuer: other.origin, events: eventsOf(other.origin), client: 'daybook' },
  };
  web.answer(pages({ config, packageDir, docsDir, log }));
  if (!existsSync(`${packageDir}/index.js`)) log('The SDK is not built yet, so the pages cannot sign in: run `cargo xtask build`.');

  return {
    url: `${origin}/`,
    issuer,
    api,
    rooms: config.rooms,
    almanac: config.almanac,
    ...(watched && { events: provider }),
    close: async () => { await Promise.all(held.map(({ close }) => close())); },
  };
}

/** Has a provider and its APIs answer at a port. */
async function serve({ origin: issuer, answer }, { house, clients, apis, lifetimes, openerPolicy, log }) {
  const provider = await authorizationServer({ house, issuer, clients, ...lifetimes });
  const secure = securityHeaders(originsOf(clients), openerPolicy);
  const answerInteraction = interactions(provider, house, log);
  const answerProvider = provider.callback();
  answer((request, response) => {
    const { pathname } = new URL(request.url, issuer);
    const api = apis.find(({ covers }) => covers(pathname));
    if (api) return api.answer(request, response, pathname);
    secure(response);
    if (pathname === '/look.css') return stylesheet(house, response);
    if (pathname.startsWith('/interaction/')) return answerInteraction(request, response);
    return answerProvider(request, response);
  });
  return provider;
}
