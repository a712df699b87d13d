// What asks users for scopes: loaded when it is first needed, since most visits ask nothing.
import { showDialog, type DialogTexts } from './scope-dialog.js';
import type { Client, DescribedScope, UpgradeOptions } from '../types.js';

/** How long "Not now" is remembered: until the page goes, until the tab closes, or for a number of days. */
export type NotNow = 'page' | 'session' | number;

/** How users are asked for more scopes. What `upgrade` takes goes along; the scopes are those of the client's default audience. */
export interface AskingOptions<S extends string = string> extends Omit<UpgradeOptions<S>, 'audience' | 'resource' | 'mode'> {
  /** Default "popup". With "redirect" the page is left, and the answer comes by `handleCallback`. */
  mode?: 'popup' | 'redirect';
  /** Say in a dialog first what the scopes are for. Default true. Where a sensitive one is among several the dialog comes in any case: each of its questions needs a click. */
  dialog?: boolean;
  /** Default "page". Kept are the names of the scopes and of the client, and a time: in memory, sessionStorage or localStorage. */
  notNow?: NotNow;
  /** What the dialog says instead of its English texts. */
  texts?: Partial<DialogTexts>;
  /** Languages of what the option `scopes` of the client says, the best first. Default: the page's. */
  locale?: string | readonly string[];
}

/** What the parts of a page say besides. */
export interface DialogOptions<S extends string = string> extends AskingOptions<S> {
  /** Closes the dialog, and nothing else. Default: `signal`. */
  closing?: AbortSignal;
}

/** Each entry says until when: milliseconds since the epoch, which storage has as text. */
type Area = Record<string, unknown>;

/** Asks users of one client, and knows what they put off. */
export class Asking {
  readonly #client: Client<any>;
  readonly #page: Area = {};

  constructor(client: Client<any>) {
    this.#client = client;
    this.#tidy();
    client.subscribe(() => this.#tidy());
  }

  /** Whether to offer scopes unasked: the user said neither "Not now" nor no. */
  isToOffer(scopes: readonly string[], notNow: NotNow = 'page'): boolean {
    const isPutOff = () => this.#every(scopes, notNow, (area, key) => Number(area[key] ?? this.#page[key]) > Date.now());
    return scopes.some((scope) => this.#client.scopeStatus(scope) !== 'denied') && !isPutOff();
  }

  putOff(scopes: readonly string[], notNow: NotNow = 'page'): void {
    const days = typeof notNow === 'number' ? notNow : 1e6;
    this.#every(scopes, notNow, (area, key) => (area[key] = Date.now() + days * 86_400_000));
  }

  /**
   * Asks in the dialog: for the ordinary scopes together, then for each sensitive one alone. `proceed` is called in each click on "Continue", and resolves to whether that is granted.
   * Resolves to true where all are, to false after a no, "Not now" and an abort.
   */
  async ask(missing: readonly string[], proceed: (step: readonly any[]) => Promise<boolean>, { texts, locale, notNow, signal, closing = signal }: DialogOptions<any>): Promise<boolean> {
    const unknown = (scope: string): DescribedScope => ({ scope, title: scope, sensitive: false });
    const scopes = this.#client.describeScopes?.(missing, locale ? { locale } : {}) ?? missing.map(unknown);
    const steps = [scopes.filter(({ sensitive }) => !sensitive), ...scopes.filter(({ sensitive }) => sensitive).map((one) => [one])];
    for (const step of steps.filter(({ length }) => length > 0)) {
      if (closing?.aborted) return false;
      const names = step.map(({ scope }) => scope);
      const isGranted = await showDialog(step, () => proceed(names), texts, closing);
      if (isGranted === undefined && !closing?.aborted) this.putOff(names, notNow);
      if (!isGranted) return false;
    }
    return true;
  }

  /** Asks unasked. Returns what closes the dialog. */
  show(request: (options: DialogOptions<any>) => unknown): () => void {
    const closing = new AbortController();
    void request({ closing: closing.signal });
    return () => closing.abort();
  }

  /** What is granted is not put off any more. */
  #tidy(): void {
    for (const notNow of ['page', 'session', 1] as const) this.#every(this.#client.session.granted, notNow, (area, key) => delete area[key]);
  }

  /** Whether something is so of the entry of each scope. Where storage throws, the page's memory has to do. */
  #every(scopes: readonly string[], notNow: NotNow, is: (area: Area, key: string) => unknown): boolean {
    const within = (area: Area) => scopes.every((scope) => is(area, this.#keyOf(scope)));
    try {
      return within(notNow === 'page' ? this.#page : notNow === 'session' ? sessionStorage : localStorage);
    } catch {
      return within(this.#page);
    }
  }

  /** One client's own, as far as an ID token tells clients apart: by its issuer and its audience. */
  #keyOf(scope: string): string {
    const { claims } = this.#client.session;
    return ['scopewise-not-now', claims?.['iss'], claims?.['aud'], scope].filter(Boolean).join(' ');
  }
}

const opened = new WeakMap<object, Asking>();

/** That of a client. */
export function askingOf(client: Client<any>): Asking {
  const asking = opened.get(client) ?? new Asking(client);
  opened.set(client, asking);
  return asking;
}
