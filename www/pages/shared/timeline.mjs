// What was asked and what was answered, kept for the tab so that it survives the redirects in between.
import * as tab from './tab.mjs';

const LENGTH = 30;

export function timeline(app) {
  const key = `demo.timeline.${app}`;
  const entries = JSON.parse(tab.read(key) ?? '[]');
  const save = () => {
    entries.splice(0, entries.length - LENGTH);
    tab.keep(key, JSON.stringify(entries));
  };
  /** An answer belongs to the last question. One that was answered already, as after a reload, stays as it is. */
  const answer = (reply) => {
    const last = entries.at(-1);
    if (!last || last.kind === 'sign-out' || last.reply) return;
    last.reply = { at: Date.now(), ...reply };
    save();
  };
  return {
    entries,
    asked(kind, scope) {
      entries.push({ kind, at: Date.now(), scope });
      save();
    },
    answered: ({ outcome, granted, missing }) => answer({ outcome, granted, missing }),
    failed: ({ code, message }) => answer({ error: code ?? message }),
  };
}
