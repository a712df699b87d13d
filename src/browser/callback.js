let watch = () => {};

/** Takes the function that sees to it that a task goes on once a promise has settled. */
export function setup(watcher) {
  watch = watcher;
}

export const wait = (promise, task) => watch(promise, task);

export const changed = (host) => host.changed();

export const done = (callback, text) => callback(text);
