// Almanac: a calendar service with people, colours and an API of its own, as other companies run one.
import { accountsOf } from './accounts.mjs';
import { EVENT_SCOPES, eventsOf } from './clients.mjs';
import { html } from './html.mjs';

export const almanac = {
  name: 'Almanac',
  mark: html`<svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true"><path d="M15.5 3.6a8.5 8.5 0 1 0 5 12.4A7 7 0 0 1 15.5 3.6Z"/><path d="M19 5.2v3.4M17.3 6.9h3.4"/></svg>`,
  styles: ['look.css', 'almanac.css'],
  footer: 'Another demo service on this machine, with people of its own. Nobody has a password here, either.',
  accounts: accountsOf([
    { id: 'lovelace', name: 'Ada King', given: 'Ada', family: 'King', email: 'ada.king@almanac.example' },
    { id: 'babbage', name: 'Charles Babbage', given: 'Charles', family: 'Babbage', email: 'charles@almanac.example' },
  ]),
  remembering: [],
  apis: (issuer) => ({ [eventsOf(issuer)]: EVENT_SCOPES }),
  meanings: { 'events:read': ['See your events', 'what, when and where'] },
};
