// What the diaries have in common whatever they are made with: where things are, and a corner that shows how they are made.
export const { issuer, api, resource } = await (await fetch('/config.json')).json();

const day = new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric', month: 'short' });
export const when = ({ date, time }) => `${day.format(new Date(`${date}T12:00`))}, ${time}`;

/** A walk tomorrow at eight, as the API takes it. */
export function walk() {
  const tomorrow = new Date(Date.now() + 86_400_000);
  return JSON.stringify({ title: 'A walk', date: tomorrow.toISOString().slice(0, 10), time: '08:00', place: 'Along the river' });
}

/** What scopes are for. */
export const scopes = {
  'write:appointments': { title: 'Create appointments', why: 'to put the walk into your diary' },
  email: { title: 'See your e-mail address', why: 'to remind you on the day before' },
};

const place = document.getElementById('source');
if (place) {
  const source = (await (await fetch(place.dataset.source)).text()).trimEnd();
  const pre = document.createElement('pre');
  pre.tabIndex = 0;
  pre.setAttribute('aria-label', 'Source');
  pre.append(Object.assign(document.createElement('code'), { textContent: source }));
  place.append(pre);
}
