// The form for a new appointment. A draft is never lost: it outlives the dialog, a no, and a reload.
import { byId, codes, el } from '/shared/dom.mjs';
import * as tab from '/shared/tab.mjs';

const KEY = 'daybook.draft';
const REFUSED = 'You did not allow Daybook to create appointments, so nothing was saved. Your draft is still here.';
const HINT = ['Saving needs ', ...codes(['write:appointments']), '. Harbor ID asks you first, then brings you back here.'];
const FIELDS = ['title', 'date', 'time', 'place'];

export function draftDialog({ onSave }) {
  const dialog = byId('draft');
  const form = byId('draft-form');
  const save = byId('save');

  const read = () => Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));
  const write = (draft) => FIELDS.forEach((name) => { form.elements[name].value = draft[name] ?? ''; });
  const keep = () => tab.keep(KEY, JSON.stringify(read()));

  form.addEventListener('input', keep);
  byId('cancel').addEventListener('click', () => dialog.close());
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      await onSave(read());
    } finally {
      save.disabled = false;
    }
  });

  return {
    /** Opens with the given draft, else with the one that was left. */
    open({ draft, mayWrite, isRefused = false, message }) {
      write(draft ?? JSON.parse(tab.read(KEY) ?? 'null') ?? { date: tomorrow(), time: '09:00' });
      keep();
      save.textContent = isRefused ? 'Ask again' : 'Save';
      save.dataset.testid = isRefused ? 'ask-again' : 'save';
      const kind = isRefused ? 'refusal' : 'error';
      const text = isRefused ? REFUSED : message;
      const notice = text && el('p', { class: `notice ${kind}`, role: 'alert', 'data-testid': 'draft-notice' }, text);
      byId('draft-notice').replaceChildren(...[notice].filter(Boolean));
      byId('draft-hint').replaceChildren(...(mayWrite ? [] : HINT));
      if (!dialog.open) dialog.showModal();
    },
    /** Saved: the draft has done its work. */
    finish() {
      tab.drop(KEY);
      dialog.close();
    },
  };
}

function tomorrow() {
  const day = new Date();
  day.setDate(day.getDate() + 1);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
}
