// What the app pages have in common: open a client, take up the answer that came back, show the panel.
import { createClient } from 'scopewise';
import { button, byId, el } from './dom.mjs';
import { showError } from './notice.mjs';
import { scopePanel } from './panel.mjs';
import { timeline } from './timeline.mjs';

// Back from the provider with the Back button: start afresh rather than with half-pressed buttons.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

export const loadConfig = async () => (await fetch('/config.json')).json();

/** Resolves to null where the client cannot be made; the page says why. */
export async function openApp({ name, options, needs, code }) {
  const story = timeline(name);
  let client;
  try {
    client = await createClient(options);
  } catch (error) {
    showError(error);
    return null;
  }

  let outcome = null;
  let error = null;
  try {
    outcome = await client.handleCallback();
    if (outcome) story.answered(outcome);
  } catch (reason) {
    error = reason;
    story.failed(reason);
  }
  const panel = scopePanel({ root: byId('panel'), client, needs, timeline: story, code });

  /** Asks, and resolves where nothing had to be asked or it failed; a redirect never comes back here. */
  async function ask(kind, scope, request) {
    story.asked(kind, scope);
    panel.render();
    try {
      const answer = await request();
      story.answered(answer);
      return answer;
    } catch (reason) {
      story.failed(reason);
      showError(reason);
      return null;
    } finally {
      panel.render();
    }
  }

  return {
    client,
    outcome,
    error,
    signIn: (more = {}) => ask('sign-in', list(options.scope), () => client.signIn(more)),
    upgrade: (scope, more = {}) => ask('upgrade', list(scope), () => client.upgrade(scope, { ...hint(client), ...more })),
    async signOut() {
      story.asked('sign-out', []);
      try {
        await client.signOut({ returnTo: options.redirectUri });
      } catch (reason) {
        showError(reason);
      }
    },
  };
}

const list = (scope) => (typeof scope === 'string' ? scope.split(' ') : [...scope]);

/** Tells the provider whose permissions are meant, so that nobody else is asked by mistake. */
function hint({ session: { claims } }) {
  const known = claims?.email ?? claims?.preferred_username;
  return typeof known === 'string' ? { loginHint: known } : {};
}

export const displayName = (claims) => claims?.name ?? claims?.preferred_username ?? claims?.sub ?? 'somebody';

/** The corner with one's name and the way out. */
export function renderAccount({ client, signOut }) {
  const { signedIn, claims } = client.session;
  byId('account').replaceChildren(...(signedIn
    ? [el('span', { 'data-testid': 'user-name' }, displayName(claims)), button('Sign out', signOut, { class: 'plain', 'data-testid': 'sign-out' })]
    : []));
}
