import type { DialogTexts } from './scope-dialog.js';
import type { Client, DescribedScope, Scope, UpgradeOptions } from './types.js';

/** How long "Not now" is remembered: until the page goes, until the tab closes, or for a number of days. */
export type NotNow = 'page' | 'session' | number;

/** How users are asked for more scopes. What `upgrade` takes goes along; the scopes are those of the client's default audience. */
export interface AskingOptions<S extends string = string> extends Omit<UpgradeOptions<S>, 'audience' | 'resource' | 'mode'> {
  /** Default "popup". With "redirect" the page is left, and the answer comes by `handleCallback`. */
  mode?: 'popup' | 'redirect';
  /** Say in a dialog first what the scopes are for. Default true. Where a sensitive one is among several the dialog comes in any case: each of its questions needs a click. */
  dialog?: boolean;
  /** Default "page". Kept are the scopes' names and a time: in memory, sessionStorage or localStorage. */
  notNow?: NotNow;
  /** What the dialog says instead of its English texts. */
  texts?: Partial<DialogTexts>;
  /** Languages of what the option `scopes` of the client says, the best first. Default: the page's. */
  locale?: string | readonly string[];
}

/** A scope argument as one text, and its tokens. */
export const keyOf = (scope: Scope): string => [scope].flat().join(' ');
export const tokens = <S extends string>(key: string): S[] => key.split(' ').filter(Boolean) as S[];

/** What scopes are for; a scope that nobody described by its own name. */
export const describe = <S extends string>(client: Client<S>, scopes: readonly S[], locale: AskingOptions['locale']): readonly DescribedScope<S>[] =>
  client.describeScopes?.(scopes, locale ? { locale } : {}) ?? scopes.map((scope) => ({ scope, title: scope, sensitive: false }));

/** Each entry says until when: milliseconds since the epoch, which storage has as text. */
type Area = Record<string, unknown>;

const key = (scope: string) => `scopewise-not-now ${scope}`;

/** The scopes that a user put off. Where storage throws, the page's memory has to do. */
export function puttingOff() {
  const page: Area = {};
  const within = <T>(notNow: NotNow, act: (area: Area) => T): T => {
    try {
      return act(notNow === 'page' ? page : notNow === 'session' ? sessionStorage : localStorage);
    } catch {
      return act(page);
    }
  };
  return {
    /** Whether all of these are put off. */
    has: (scopes: readonly string[], notNow: NotNow = 'page') => within(notNow, (area) => scopes.every((scope) => Number(area[key(scope)] ?? page[key(scope)]) > Date.now())),
    add(scopes: readonly string[], notNow: NotNow = 'page'): void {
      const days = typeof notNow === 'number' ? notNow : 1e6;
      within(notNow, (area) => scopes.forEach((scope) => (area[key(scope)] = Date.now() + days * 86_400_000)));
    },
    /** What is granted is not put off any more. */
    remove(granted: readonly string[]): void {
      for (const notNow of ['page', 'session', 1] as const) within(notNow, (area) => granted.forEach((scope) => delete area[key(scope)]));
    },
  };
}
