// The list of appointments, day by day.
import { button, el } from '/shared/dom.mjs';

const dayName = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

export const when = ({ date, time }) => `${dayName.format(new Date(`${date}T12:00`))}, ${time}`;

export function agenda(appointments, onDelete) {
  if (appointments.length === 0) return el('p', { class: 'soft' }, 'Nothing planned. How nice.');
  const days = [...new Set(appointments.map(({ date }) => date))];
  return el('div', { 'data-testid': 'appointments' }, days.map((date) => el('section', { class: 'day' },
    el('h2', {}, dayName.format(new Date(`${date}T12:00`))),
    el('ul', {}, appointments.filter((one) => one.date === date).map((one) => line(one, onDelete))))));
}

const line = (appointment, onDelete) => el('li', { 'data-testid': 'appointment', 'data-id': appointment.id },
  el('time', { datetime: `${appointment.date}T${appointment.time}` }, appointment.time),
  el('div', { class: 'what' }, el('strong', {}, appointment.title), appointment.place && el('span', {}, appointment.place)),
  button('Delete', () => onDelete(appointment), { class: 'plain', 'data-testid': 'delete', 'aria-label': `Delete ${appointment.title}` }));
