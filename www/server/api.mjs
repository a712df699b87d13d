// The demo's API for appointments, guarded by the scopes of a JWT access token.
import { API_SCOPES, RESOURCE } from './clients.mjs';
import { appointments, Unsound } from './appointments.mjs';
import { guarded, notAllowed, notFound, readJson, Refusal } from './guard.mjs';

const [READ, WRITE, DELETE] = API_SCOPES;

export function appointmentsApi({ issuer, origin }) {
  const calendar = appointments();

  async function answer(request, pathname, authorized) {
    const route = /^\/api\/appointments(?:\/([\w-]{1,40}))?$/.exec(pathname);
    if (!route) throw notFound();
    const id = route[1];
    const { sub, need } = await authorized();
    if (request.method === 'GET' && !id) {
      need(READ);
      return [200, { appointments: calendar.list(sub) }];
    }
    if (request.method === 'POST' && !id) {
      need(WRITE);
      return [201, await added(sub, request)];
    }
    if (request.method === 'DELETE' && id) {
      need(DELETE);
      if (!calendar.remove(sub, id)) throw notFound('There is no such appointment.');
      return [204];
    }
    throw notAllowed();
  }

  async function added(sub, request) {
    try {
      return calendar.add(sub, await readJson(request));
    } catch (error) {
      throw error instanceof Unsound ? new Refusal(400, 'invalid_request', error.message) : error;
    }
  }

  return { covers: (pathname) => pathname.startsWith('/api/'), answer: guarded({ issuer, origin, resource: RESOURCE, answer }) };
}
