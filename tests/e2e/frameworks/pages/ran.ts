// How often effects of the page ran, and its parts were rendered, for the test.
declare global {
  var ran: Record<string, number>;
}

globalThis.ran = {};

export const noted = (what: string): void => void (ran[what] = (ran[what] ?? 0) + 1);
