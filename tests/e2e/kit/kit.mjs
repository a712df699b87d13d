// What tests call in the page: clients by name, and answers that can cross to the test, errors included.
import * as scopewise from 'scopewise';

const clients = {};

/** Fails where the page's own functions do that this takes. */
async function note(error) {
  await globalThis.noteShown?.('what an error says', [JSON.stringify(error), error, error?.stack, error?.cause, error?.cause?.stack].join(' '));
}

function plain(error) {
  note(error).catch(() => {});
  return { ...error, name: error?.name, message: error?.message, isAuthError: error instanceof scopewise.AuthError };
}

/** { value } or { error }: what a call came to. */
async function settle(work) {
  try {
    return { value: await work() };
  } catch (error) {
    return { error: plain(error) };
  }
}

globalThis.kit = {
  ...scopewise,
  clients,
  settle,
  open: (name, options) => settle(async () => void (clients[name] = await scopewise.createClient(options))),
  call: (name, method, ...args) => settle(() => clients[name][method](...args)),
};

// A page that handles the response in its URL by itself, as applications do: a test says so before the page loads, for one client or several.
const landings = [globalThis.landing ?? []].flat();
const nameOf = (at) => (at === 0 ? 'main' : `main ${at + 1}`);
for (const [at, options] of landings.entries()) await kit.open(nameOf(at), options);
for (const at of landings.keys()) {
  const handled = kit.call(nameOf(at), 'handleCallback');
  if (at === 0) handled.then((answer) => (kit.answer = answer));
}
