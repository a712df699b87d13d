// A client's `fetch` for the pages: where a call asks the user, the timeline tells of it.
import { list } from './dom.mjs';

export function callsOf({ client, story, panel }) {
  const isHeld = (scope) => ['granted', 'assumed'].includes(client.scopeStatus(scope));

  /** A call that nobody knew to lead to a question: what the API asked for is seen afterwards. */
  async function callUnknown(url, options) {
    const before = client.session.granted;
    const note = (scope, missing) => {
      if (scope.length === 0) return;
      story.asked('upgrade', scope);
      story.answered({ outcome: missing.length > 0 ? 'denied' : 'granted', granted: client.session.granted, missing });
    };
    try {
      const response = await client.fetch(url, options);
      note(client.session.granted.filter((scope) => !before.includes(scope)), []);
      return response;
    } catch (reason) {
      const refused = (reason.missing ?? []).filter((scope) => options.onMissing && client.scopeStatus(scope) === 'denied');
      note(refused, refused);
      throw reason;
    }
  }

  /** The client's `fetch`. Where it asks the user, the panel says so as well. */
  async function call(url, options) {
    const asked = options.onMissing && client.session.signedIn
      ? list(options.scope ?? []).filter((scope) => client.scopeStatus(scope) === 'not-requested')
      : [];
    if (asked.length === 0) return callUnknown(url, options).finally(panel.render);
    story.asked('upgrade', asked);
    panel.render();
    const answered = (outcome) => story.answered({ outcome, granted: client.session.granted, missing: asked.filter((scope) => !isHeld(scope)) });
    try {
      const response = await client.fetch(url, options);
      answered('granted');
      return response;
    } catch (reason) {
      if (asked.every(isHeld)) answered('granted');
      else if (reason.code === 'missing_scope') answered('denied');
      else story.failed(options.signal?.aborted ? { code: 'aborted' } : reason);
      throw reason;
    } finally {
      panel.render();
    }
  }

  return call;
}
