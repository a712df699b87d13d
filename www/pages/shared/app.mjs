// What the app pages have in common: open a client, take up the answer that came back, show the panel.
import { createClient } from 'scopewise';
import { callsOf } from './calls.mjs';
import { button, byId, el, list } from './dom.mjs';
import { showError } from './notice.mjs';
import { scopePanel } from './panel.mjs';
import { timeline } from './timeline.mjs';

// Back from the provider with the Back button: start afresh rather than with half-pressed buttons.
addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });

export const loadConfig = async () => (await fetch('/config.json')).json();

/** Resolves to null where the client cannot be made; the page says why. `view`: more of the scope panel, such as where it is. */
export async function openApp({ name, options, needs, code, view }) {
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
  const panel = scopePanel({ root: byId('panel'), client, needs, timeline: story, code, ...view });

  /** Asks, and has the panel say so. Nothing is awaited before `request`, and a redirect never comes back here. */
  async function ask(kind, scope, request) {
    story.asked(kind, scope);
    panel.render();
    try {
      const answer = await request();
      story.answered(answer);
      return answer;
    } catch (reason) {
      story.failed(reason);
      throw reason;
    } finally {
      panel.render();
    }
  }

  const trySignIn = (more = {}) => ask('sign-in', list(options.scope), () => client.signIn(more));
  return {
    client,
    outcome,
    error,
    fetch: callsOf({ client, story, panel }),
    signIn: (more = {}) => trySignIn(more).catch(showError),
    /** For pages that have words of their own for what goes wrong. */
    trySignIn,
    /** Shows what changed without the client's doing. */
    renderPanel: panel.render,
    upgrade: (scope, more = {}) => ask('upgrade', list(scope), () => client.upgrade(scope, more)),
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

/** What to call somebody. A name comes of `profile`, and to show it is to use that. */
export function displayName({ session: { claims }, hasScope }) {
  if (claims?.name) hasScope('profile');
  return claims?.name ?? claims?.preferred_username ?? claims?.sub ?? 'somebody';
}

/** The corner with one's name and the way out. */
export function renderAccount({ client, signOut }) {
  byId('account').replaceChildren(...(client.session.signedIn
    ? [el('span', { 'data-testid': 'user-name' }, displayName(client)), button('Sign out', signOut, { class: 'plain', 'data-testid': 'sign-out' })]
    : []));
}
