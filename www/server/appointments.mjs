// Everyone's appointments, in memory, with a few to begin with.
import { randomUUID } from 'node:crypto';

/** An appointment that cannot be taken as it is. */
export class Unsound extends Error {}

const SEED = [
  [0, '16:30', 'Tea with Mary', 'Garden café'],
  [1, '09:15', 'Dentist', 'Rose Street 4'],
  [1, '18:00', 'Choir practice', 'Town hall'],
  [3, '11:00', 'Project review', 'Room 2.07'],
  [6, '19:30', 'Dinner with Charles', ''],
];

export function appointments() {
  const people = new Map();
  const of = (person) => {
    if (!people.has(person)) people.set(person, SEED.map(([days, time, title, place]) => ({ id: randomUUID(), title, date: inDays(days), time, place })));
    return people.get(person);
  };
  return {
    list: (person) => [...of(person)].sort((a, b) => `${a.date} ${a.time}`.localeCompare(`${b.date} ${b.time}`)),
    add(person, body) {
      const appointment = { id: randomUUID(), ...sound(body) };
      of(person).push(appointment);
      return appointment;
    },
    remove(person, id) {
      const index = of(person).findIndex((appointment) => appointment.id === id);
      return index >= 0 && of(person).splice(index, 1).length === 1;
    },
  };
}

/** A day from today on, such as 2030-05-01. */
export function inDays(days) {
  const day = new Date();
  day.setDate(day.getDate() + days);
  const two = (number) => String(number).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

function sound(body) {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw new Unsound('An appointment is a JSON object.');
  const { title, date, time, place = '' } = body;
  if (typeof title !== 'string' || !title.trim() || title.length > 80) throw new Unsound('`title` must be 1 to 80 characters.');
  if (!isDate(date)) throw new Unsound('`date` must be a day, such as 2030-05-01.');
  if (typeof time !== 'string' || !/^([01]\d|2[0-3]):[0-5]\d$/.test(time)) throw new Unsound('`time` must be a time, such as 09:30.');
  if (typeof place !== 'string' || place.length > 80) throw new Unsound('`place` must be at most 80 characters.');
  return { title: title.trim(), date, time, place: place.trim() };
}

function isDate(text) {
  if (typeof text !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const day = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}
