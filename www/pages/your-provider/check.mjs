// What is wrong with the settings, before anybody signs in: what scopewise/inspector finds.
import { diagnose } from 'scopewise/inspector';
import { button, el } from '/shared/dom.mjs';

const LEVELS = { error: 'Change this:', warning: 'Look at this:', ok: 'Fine:' };

/** `options` are those of createClient. */
export function checkUp(options) {
  const found = el('div', { 'aria-live': 'polite' });
  const check = button('Check these settings', async () => {
    found.replaceChildren(el('p', { class: 'facts' }, 'One moment…'));
    const findings = await diagnose(options);
    const problems = findings.filter(({ level }) => level !== 'ok');
    const fine = findings.filter(({ level }) => level === 'ok');
    found.replaceChildren(
      el('p', { 'data-testid': 'check-summary' }, problems.length === 0 ? 'There is nothing to change.' : `${problems.length} of ${findings.length} checks found something.`),
      list(problems),
      el('details', { 'data-testid': 'check-fine' }, el('summary', {}, `${fine.length} checks are fine`), list(fine)),
    );
  }, { 'data-testid': 'check' });
  return el('section', { class: 'check' },
    el('h2', {}, 'Does it fit?'),
    el('p', { class: 'facts' }, 'Looks at this page and at the server, and signs nobody in.'),
    el('div', { class: 'row' }, check), found);
}

function list(findings) {
  return findings.length > 0 && el('ul', { class: 'findings' }, findings.map(({ id, level, title, advice }) => el('li', { class: level, 'data-testid': 'finding', 'data-id': id },
    el('strong', {}, LEVELS[level]), ' ', ...words(title), advice ? el('p', {}, ...words(advice)) : null)));
}

/** Text with `code` in it. */
function words(text) {
  return text.split('`').map((part, at) => (at % 2 === 1 ? el('code', {}, part) : part));
}
