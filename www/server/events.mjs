// Almanac's API: everyone's events, in Almanac's own words.
import { inDays } from './appointments.mjs';
import { EVENT_SCOPES, eventsOf } from './clients.mjs';
import { described, placeOf } from './described.mjs';
import { guarded, notAllowed, notFound } from './guard.mjs';

const [READ] = EVENT_SCOPES;

const EVENTS = {
  lovelace: [
    ['ev-1', 0, '20:00', 'Chamber music', 'St James’s Hall'],
    ['ev-2', 2, '08:30', 'Riding lesson', ''],
    ['ev-3', 3, '19:00', 'Philosophers’ supper', 'Dorset Street 1'],
  ],
  babbage: [
    ['ev-4', 1, '10:00', 'Engine works', 'Workshop'],
    ['ev-5', 5, '17:30', 'Statistical Society', 'Regent Street'],
  ],
};

export function eventsApi({ issuer, origin }) {
  const resource = eventsOf(issuer);

  async function answer(request, pathname, authorized) {
    if (pathname !== '/events') throw notFound();
    if (request.method !== 'GET') throw notAllowed();
    const { sub, need } = await authorized();
    need(READ);
    const events = (EVENTS[sub] ?? []).map(([id, days, time, summary, location]) => ({ id, summary, start: `${inDays(days)}T${time}`, location }));
    return [200, { events }];
  }

  return described({
    issuer, origin, resource, name: 'Almanac events', scopes: EVENT_SCOPES,
    answer: guarded({ issuer, origin, resource, metadata: placeOf(resource), answer }),
  });
}
