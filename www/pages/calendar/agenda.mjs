// The list of appointments, day by day.
import { button, el } from '/shared/dom.mjs';

const dayName = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

export const when = ({ date, time }) => `${dayName.format(new Date(`${date}T12:00`))}, ${time}`;

/** In the order of days and times, wherever they are from. */
const inOrder = (appointments) => [...appointments].sort((a, b) => `${a.date} ${a.time}`.localeCompare(`${b.date} ${b.time}`));

/** Without `onDelete` it is of events from elsewhere alone. */
export function agenda(unordered, onDelete) {
  const appointments = inOrder(unordered);
  if (appointments.length === 0) return el('p', { class: 'soft' }, 'Nothing planned. How nice.');
  const days = [...new Set(appointments.map(({ date }) => date))];
  return el('div', { 'data-testid': onDelete ? 'appointments' : 'events' }, days.map((date) => el('section', { class: 'day' },
    el('h2', {}, dayName.format(new Date(`${date}T12:00`))),
    el('ul', {}, appointments.filter((one) => one.date === date).map((one) => line(one, onDelete))))));
}

/** What comes from elsewhere can only be looked at. */
const line = (appointment, onDelete) => el('li', { 'data-testid': appointment.from ? 'event' : 'appointment', 'data-id': appointment.id },
  el('time', { datetime: `${appointment.date}T${appointment.time}` }, appointment.time),
  el('div', { class: 'what' }, el('strong', {}, appointment.title), appointment.place && el('span', {}, appointment.place)),
  appointment.from ? el('span', { class: 'from' }, appointment.from) : button('Delete', () => onDelete(appointment), { class: 'plain', 'data-testid': 'delete', 'aria-label': `Delete ${appointment.title}` }));
