import { AuthError } from '../index.js';
import type { AuthErrorCode, DescribeOptions, DescribedScope, ProviderProfile, ScopeDescription, ScopeWording } from '../types.js';

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

type Table = Readonly<Partial<Record<string, ScopeDescription>>>;

/** Scopes in words for the user, as the option `scopes` has them. */
export function describe(scopes: readonly string[], table: Table, { locale = [] }: DescribeOptions = {}): DescribedScope[] {
  const wanted = locale.length === 0 ? language() : [locale].flat();
  return scopes.map((scope) => {
    const known = descriptionOf(scope, table);
    const { title = scope, why }: Partial<ScopeWording> = known ? wording(known, wanted) : {};
    return { scope, title, ...(why !== undefined && { why }), sensitive: known?.sensitive ?? false };
  });
}

export const descriptionOf = (scope: string, table: Table): ScopeDescription | undefined => (Object.hasOwn(table, scope) ? table[scope] : undefined);

/** Refuses descriptions without a title. */
export function checkDescriptions(table: Table): void {
  const untitled = Object.entries(table).find(([, { title, locales } = { title: '' }]) => ![{ title }, ...Object.values(locales ?? {})].every((words) => words.title?.trim()));
  if (untitled) throw fail('invalid_options', `Scope "${untitled[0]}" needs a title in the option scopes, in every language.`);
}

/** Refuses what asks for a sensitive scope and something else. */
export function checkSensitive(kind: 'sign-in' | 'upgrade', scopes: readonly string[], table: Table): void {
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

/** The wording in the first wanted language that is there (RFC 4647 §3.4: a tag is cut from its end until something matches). */
function wording(description: ScopeDescription, wanted: readonly string[]): ScopeWording {
  const locales = new Map(Object.entries(description.locales ?? {}).map(([tag, words]) => [tag.toLowerCase(), words]));
  for (const tag of wanted) {
    for (let parts = tag.toLowerCase().split('-'); parts.length > 0; parts = shortened(parts)) {
      const found = locales.get(parts.join('-'));
      if (found) return found;
    }
  }
  return description;
}

function shortened(parts: readonly string[]): string[] {
  const shorter = parts.slice(0, -1);
  // A subtag of one character means something with what follows it only.
  return shorter.at(-1)?.length === 1 ? shorter.slice(0, -1) : shorter;
}
