// The API for rooms. No app is told what its calls need: it says so itself, in its document and in its challenges.
import { ROOM_SCOPES, roomsOf } from './clients.mjs';
import { described, placeOf } from './described.mjs';
import { guarded, notAllowed, notFound } from './guard.mjs';

const [READ, BOOK, OPEN] = ROOM_SCOPES;

const ROOMS = [
  ['library', 'The library', 6],
  ['winter-garden', 'The winter garden', 12],
  ['attic', 'The attic', 3],
];

export function roomsApi({ issuer, origin }) {
  const resource = roomsOf(issuer);
  /** Room -> who has it. */
  const booked = new Map();
  const seen = (sub) => ([id, name, seats]) => ({ id, name, seats, isFree: !booked.has(id), isYours: booked.get(id) === sub });

  async function answer(request, pathname, authorized) {
    const route = /^\/rooms(?:\/([\w-]{1,40})\/(booking|door))?$/.exec(pathname);
    const room = ROOMS.find(([id]) => id === route?.[1]);
    if (!route || route[1] && !room) throw notFound('There is no such room.');
    const what = `${request.method} ${route[2] ?? 'all'}`;
    const { sub, need } = await authorized();
    if (what === 'GET all') {
      need(READ);
      return [200, { rooms: ROOMS.map(seen(sub)) }];
    }
    if (what === 'PUT booking') {
      need(BOOK);
      if (!booked.has(room[0])) booked.set(room[0], sub);
      return [200, seen(sub)(room)];
    }
    if (what === 'DELETE booking') {
      need(BOOK);
      if (booked.get(room[0]) === sub) booked.delete(room[0]);
      return [200, seen(sub)(room)];
    }
    if (what === 'POST door') {
      need(OPEN);
      return [204];
    }
    throw notAllowed();
  }

  return described({
    issuer, origin, resource,
    name: 'Rooms of the house',
    // It need not list all that it may ask for.
    scopes: [READ, BOOK],
    answer: guarded({ issuer, origin, resource, metadata: placeOf(resource), answer }),
  });
}
