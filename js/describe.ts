import type { DescribedScope, ScopeDescription, ScopeWording } from './types.js';

/** The option `scopes`. */
export type ScopeTable = Readonly<Partial<Record<string, ScopeDescription>>>;

/** Scopes in words for the user: in the first of the wanted languages that each is described in. In a page of the real client the module does that. */
export function describeIn<S extends string>(wanted: readonly string[], scopes: readonly S[], table: ScopeTable): DescribedScope<S>[] {
  return scopes.map((scope) => {
    const known = descriptionOf(scope, table);
    const { title = scope, why }: Partial<ScopeWording> = known ? wording(known, wanted) : {};
    return { scope, title, ...(why !== undefined && { why }), sensitive: known?.sensitive ?? false };
  });
}

export const descriptionOf = (scope: string, table: ScopeTable): ScopeDescription | undefined => (Object.hasOwn(table, scope) ? table[scope] : undefined);

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
