/** After such an event many tabs wake at once: they ask one after the other, milliseconds. */
const SPREAD = 1000;

/** Listens to the tabs that do so under this name, to changes of the storage's record of this name, and to the browser. */
export function listen(name) {
  const told = [];
  const ended = new AbortController();
  const ears = { channel: globalThis.BroadcastChannel && new BroadcastChannel(name), told, ended };
  const hear = (text) => {
    // One look is enough for several changes.
    if (told.at(-1) !== text) told.push(text);
    ears.wake?.();
  };
  const on = (target, type, listener) => target?.addEventListener(type, listener, { signal: ended.signal });
  const awake = () => {
    clearTimeout(ears.timer);
    ears.timer = setTimeout(hear, Math.random() * SPREAD, 'a');
  };
  on(ears.channel, 'message', ({ data }) => typeof data === 'string' && data.length === 1 && hear(data));
  on(window, 'storage', ({ key }) => (key === name || key === null) && hear('c'));
  on(window, 'pageshow', ({ persisted }) => persisted && hear('c'));
  on(window, 'online', awake);
  on(document, 'visibilitychange', () => document.hidden || awake());
  return ears;
}

/** Resolves to what is told next, or to undefined where nobody listens any more. */
export async function next(ears) {
  if (!ears.told.length && !ears.ended.signal.aborted) await new Promise((resolve) => (ears.wake = resolve));
  return ears.ended.signal.aborted ? undefined : ears.told.shift();
}

/** Tells the other tabs. */
export function tell({ channel }, text) {
  channel?.postMessage(text);
}

/** Stops listening. */
export function close(ears) {
  clearTimeout(ears.timer);
  ears.ended.abort();
  ears.channel?.close();
  ears.wake?.();
}
