// What is secret, and where pages showed what: no secret may be where the protocol does not put it.
import type { BrowserContext, Page } from '@playwright/test';

export type Kind = 'code' | 'verifier' | 'state' | 'nonce' | 'access token' | 'refresh token' | 'ID token';

/** Each secret that a server issued or received. */
export type Secrets = Map<string, Kind>;

/** Where a page shows something to others than its own code, and which secrets belong there. */
const PLACES: Readonly<Record<string, readonly Kind[]>> = {
  console: [],
  'page error': [],
  'what an error says': [],
  title: [],
  'history.state': [],
  // The authorization request and its response are in URLs (RFC 6749 §4.1), and the hint about who is or was signed in.
  URL: ['state', 'nonce', 'code'],
  'URL with id_token_hint': ['state', 'nonce', 'ID token'],
  // The response goes from a popup or frame to the page that waits.
  'message of a response': ['state', 'code'],
  // A session goes to tabs that share it and have no storage in common.
  'message of a session': ['access token', 'refresh token', 'ID token', 'nonce'],
  message: [],
};

export interface Shown {
  readonly place: string;
  readonly text: string;
}

/** Notes all that a context's pages show: at once, so that it does not matter where a page goes. */
export async function watchShown(context: BrowserContext): Promise<Shown[]> {
  const shown: Shown[] = [];
  context.on('console', (message) => void shown.push({ place: 'console', text: message.text() }));
  context.on('weberror', (error) => void shown.push({ place: 'page error', text: `${error.error().stack}` }));
  context.on('request', (request) => void shown.push({ place: request.url().includes('id_token_hint=') ? 'URL with id_token_hint' : 'URL', text: request.url() }));
  await context.exposeBinding('noteShown', (_source, place: string, text: string) => void shown.push({ place, text }));
  await context.addInitScript(noteMessages);
  return shown;
}

/** What pages send to each other, and what their errors say, which kit.mjs tells. */
function noteMessages(): void {
  // A page may change what the answer is made of: nobody waits for it.
  const note = (place: string, text: string): void => void (globalThis as any).noteShown(place, text).catch(() => {});
  const textOf = (data: unknown) => {
    if (typeof data === 'string') return data;
    try {
      return JSON.stringify(data) ?? '';
    } catch {
      // Messages need not be JSON.
      return String(data);
    }
  };
  const { postMessage } = BroadcastChannel.prototype;
  BroadcastChannel.prototype.postMessage = function (data) {
    const text = textOf(data);
    const isSession = this.name.includes(':session');
    note(isSession ? 'message of a session' : /^https?:/.test(text) ? 'message of a response' : 'message', text);
    postMessage.call(this, data);
  };
  addEventListener('message', ({ data }) => {
    const isResponse = typeof data === 'object' && data !== null && Object.keys(data).every((key) => key.startsWith('scopewise:'));
    note(isResponse || textOf(data).startsWith('scopewise:') ? 'message of a response' : 'message', textOf(data));
  });
}

/** What a page shows when the test is over. */
export async function lastShown(page: Page): Promise<Shown[]> {
  const [title, state] = await page.evaluate(() => [document.title, JSON.stringify(history.state)] as const).catch(() => ['', ''] as const);
  return [{ place: 'title', text: title }, { place: 'history.state', text: state }];
}

/** The secrets that are where they do not belong, without the secrets themselves. */
export function misplaced(secrets: Secrets, shown: readonly Shown[]): string[] {
  const found = shown.flatMap(({ place, text }) => [...secrets].filter(([secret, kind]) => !PLACES[place]!.includes(kind) && isIn(secret, text)).map(([secret, kind]) => `${kind} in ${place}: ${text.replaceAll(secret, `<${kind}>`).slice(0, 300)}`));
  return [...new Set(found)];
}

/** access-1 is not in access-12. */
function isIn(secret: string, text: string): boolean {
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
    if (!/[\w-]/.test(text[at - 1] ?? '') && !/[\w-]/.test(text[at + secret.length] ?? '')) return true;
  }
  return false;
}
