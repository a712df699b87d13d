import { AuthError } from '../index.js';
import { describeIn, descriptionOf, type ScopeTable } from '../describe.js';
import type { AuthErrorCode, DescribeOptions, DescribedScope, ProviderProfile } from '../types.js';

export { descriptionOf };

/** One scope-token (RFC 6749 §3.3). */
const TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** Of all tokens with a space between each two. */
const MAX_LENGTH = 8000;

export function fail(code: AuthErrorCode, message: string, details: Record<string, unknown> = {}): AuthError {
  return new AuthError({ code, message, ...details });
}

const notScopes = () => fail('invalid_scope_syntax', 'Scopes are one or more tokens of printable ASCII without quote and backslash, in one text with spaces between or in an array.');

/** The tokens of what a developer wrote, each once. They may be none. */
export function parseAny(scope: unknown): string[] {
  const listed = typeof scope === 'string' ? scope.split(' ').filter(Boolean) : scope;
  const isSound = Array.isArray(listed) && listed.every((token) => typeof token === 'string' && TOKEN.test(token));
  const tokens = isSound ? [...new Set(listed as string[])] : [];
  if (!isSound || tokens.join(' ').length > MAX_LENGTH) throw notScopes();
  return tokens;
}

/** The same where none at all is no scope. */
export function parse(scope: unknown): string[] {
  const tokens = parseAny(scope);
  if (tokens.length === 0) throw notScopes();
  return tokens;
}

export const union = (...lists: (readonly string[])[]): string[] => [...new Set(lists.flat())];
export const minus = (list: readonly string[], other: readonly string[]): string[] => list.filter((token) => !other.includes(token));

/** More than any server has: rules that feed each other end here. */
const MOST_CARRIED = 2000;

/** What some scopes carry besides themselves, by the rules of a provider profile. Spellings of one scope carry each other. */
export function carried(scopes: readonly string[], profile: ProviderProfile | undefined): string[] {
  const spellings = Object.entries(profile?.aliases ?? {}).map(([name, others]) => [name, ...others]);
  const rules: (readonly [string, readonly string[]])[] = [...Object.entries(profile?.implies ?? {}), ...spellings.flatMap((group) => group.map((name) => [name, group] as const))];
  const all = new Set(scopes);
  for (const scope of all) {
    if (all.size > MOST_CARRIED) break;
    for (const [from, to] of rules) for (const other of to) {
      const carried = carriedBy(scope, from, other);
      if (carried !== undefined) all.add(carried);
    }
  }
  return minus([...all], scopes);
}

/** What a scope carries by a rule. Where both sides end in `*`, it stands for the same rest. */
function carriedBy(scope: string, from: string, other: string): string | undefined {
  if (!from.endsWith('*') || !other.endsWith('*')) return from === scope ? other : undefined;
  const [start, begin] = [from.slice(0, -1), other.slice(0, -1)];
  // A scope that has this spelling already is not the start of a longer one.
  const hasSpelling = begin.length >= start.length && scope.startsWith(begin);
  return scope.startsWith(start) && !hasSpelling ? begin + scope.slice(start.length) : undefined;
}

/** Scopes in words for the user, as the option `scopes` has them. */
export function describe(scopes: readonly string[], table: ScopeTable, { locale = [] }: DescribeOptions = {}): DescribedScope[] {
  return describeIn(locale.length === 0 ? language() : [locale].flat(), scopes, table);
}

/** Refuses descriptions without a title. */
export function checkDescriptions(table: ScopeTable): void {
  const untitled = Object.entries(table).find(([, { title, locales } = { title: '' }]) => ![{ title }, ...Object.values(locales ?? {})].every((words) => words.title?.trim()));
  if (untitled) throw fail('invalid_options', `Scope "${untitled[0]}" needs a title in the option scopes, in every language.`);
}

/** Refuses what asks for a sensitive scope and something else. */
export function checkSensitive(kind: 'sign-in' | 'upgrade', scopes: readonly string[], table: ScopeTable): void {
  const alone = scopes.find((scope) => descriptionOf(scope, table)?.sensitive);
  if (alone === undefined || (kind === 'upgrade' && scopes.length === 1)) return;
  const why = kind === 'sign-in' ? 'no part of a sign-in' : 'never asked for together with others';
  throw fail('invalid_options', `Scope "${alone}" is marked sensitive, and ${why}: call upgrade for it alone.`);
}

/** The language of the page, or else the user's first. */
function language(): string[] {
  const ofPage = typeof document === 'undefined' ? '' : document.documentElement.lang;
  const ofUser = typeof navigator === 'undefined' ? undefined : navigator.language;
  return [ofPage || ofUser || []].flat();
}
