// Harbor ID: the provider where people sign in to the demo's apps, with the APIs for appointments and for rooms.
import { accountsOf } from './accounts.mjs';
import { API_SCOPES, RESOURCE, ROOM_SCOPES, roomsOf } from './clients.mjs';
import { html } from './html.mjs';

export const harbor = {
  name: 'Harbor ID',
  mark: html`<svg viewBox="0 0 24 24" width="26" height="26" aria-hidden="true"><circle cx="12" cy="5" r="2.5"/><path d="M12 7.5V21M7.5 11h9M4 14c0 4 3.5 7 8 7s8-3 8-7"/></svg>`,
  styles: ['look.css'],
  footer: 'A demo sign-in service on this machine. The people are made up, nobody has a password.',
  accounts: accountsOf([
    { id: 'ada', name: 'Ada Lovelace', given: 'Ada', family: 'Lovelace', email: 'ada@example.org' },
    { id: 'grace', name: 'Grace Hopper', given: 'Grace', family: 'Hopper', email: 'grace@example.org' },
    { id: 'linus', name: 'Linus Pauling', given: 'Linus', family: 'Pauling', email: 'linus@example.org' },
  ]),
  /** Apps for which people are asked once: what they allowed is remembered when they sign out. */
  remembering: ['react-app', 'vue-app', 'svelte-app', 'angular-app'],
  /** The scopes of each API, by what its tokens are for. */
  apis: (issuer) => ({ [RESOURCE]: API_SCOPES, [roomsOf(issuer)]: ROOM_SCOPES }),
  /** What its scopes mean to the person who is asked. */
  meanings: {
    'read:appointments': ['See your appointments', 'what, when and where'],
    'write:appointments': ['Create appointments in your calendar', 'new entries, in your name'],
    'delete:appointments': ['Delete appointments from your calendar', 'for good'],
    'read:rooms': ['See the rooms of the house', 'and which of them are free'],
    'book:rooms': ['Book rooms in your name', 'until midnight'],
    'open:doors': ['Open doors for you', 'without a key'],
  },
};
