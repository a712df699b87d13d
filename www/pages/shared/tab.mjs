// What a page keeps for its tab: in sessionStorage, or in the page where the browser forbids that.
const page = new Map();

export const read = (key) => attempt(() => sessionStorage.getItem(key)) ?? page.get(key) ?? null;

export function keep(key, text) {
  page.set(key, text);
  attempt(() => sessionStorage.setItem(key, text));
}

export function drop(key) {
  page.delete(key);
  attempt(() => sessionStorage.removeItem(key));
}

function attempt(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}
