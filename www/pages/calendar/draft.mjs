// The form for a new appointment. A draft is never lost: it outlives the dialog, a no, and a reload.
import { byId, codes, el } from '/shared/dom.mjs';
import * as tab from '/shared/tab.mjs';

const KEY = 'daybook.draft';
const NEEDED = ['Saving needs ', ...codes(['write:appointments'])];
/** By what the user said so far. */
const HINTS = {
  'not-requested': ['. Harbor ID asks you for it first, in a window of its own.'],
  denied: [', and you said no to it. Harbor ID asks again only if you want it to.'],
};
const WAITING = 'Harbor ID is asking you in a window of its own. Close this form to take the question back.';
const FIELDS = ['title', 'date', 'time', 'place'];

/**
 * `permission()` is the scope's status. `onSave` gets the draft, whether to ask for the scope again, and a signal for when
 * the form is closed meanwhile.
 */
export function draftDialog({ permission, onSave }) {
  const dialog = byId('draft');
  const form = byId('draft-form');
  const save = byId('save');
  let closed = new AbortController();

  const read = () => Object.fromEntries(FIELDS.map((name) => [name, form.elements[name].value.trim()]));
  const write = (draft) => FIELDS.forEach((name) => { form.elements[name].value = draft[name] ?? ''; });
  const keep = () => tab.keep(KEY, JSON.stringify(read()));
  const say = (kind, text) => byId('draft-notice').replaceChildren(el('p', {
    class: `notice ${kind}`, role: kind === 'waiting' ? 'status' : 'alert', 'data-testid': 'draft-notice', 'data-kind': kind,
  }, text));

  form.addEventListener('input', keep);
  byId('cancel').addEventListener('click', () => dialog.close());
  dialog.addEventListener('close', () => {
    closed.abort();
    closed = new AbortController();
    // Only one button on show has the other name.
    save.dataset.testid = 'save';
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    save.disabled = true;
    if (permission() in HINTS) say('waiting', WAITING);
    try {
      // Nothing is awaited before this: a popup may open in the click only.
      await onSave(read(), { again: permission() === 'denied', signal: closed.signal });
    } finally {
      save.disabled = false;
      if (dialog.open) save.focus();
    }
  });

  return {
    /** Opens with the given draft, else with the one that was left. `notice`: a kind and a text. */
    open({ draft, notice } = {}) {
      write(draft ?? JSON.parse(tab.read(KEY) ?? 'null') ?? { date: tomorrow(), time: '09:00' });
      keep();
      const status = permission();
      save.textContent = status === 'denied' ? 'Ask again' : 'Save';
      save.dataset.testid = status === 'denied' ? 'ask-again' : 'save';
      byId('draft-hint').replaceChildren(...(status in HINTS ? [...NEEDED, ...HINTS[status]] : []));
      if (notice) say(...notice);
      else byId('draft-notice').replaceChildren();
      if (!dialog.open) dialog.showModal();
    },
    close: () => dialog.close(),
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
