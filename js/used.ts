import { list } from './error.js';
import type { GrantSelector, Scope } from './types.js';

/** Remembers the scopes of the default audience that the application asked about since the session began. */
export class Used<S extends string> {
  readonly #scopes = new Set<S>();
  readonly #isSignedIn: () => boolean;

  constructor(isSignedIn: () => boolean) {
    this.#isSignedIn = isSignedIn;
  }

  note(scope: Scope<S> | undefined, { audience, resource }: GrantSelector = {}): void {
    if (audience !== undefined || resource !== undefined) return;
    if (!this.#isSignedIn()) return this.#scopes.clear();
    for (const one of typeof scope === 'string' ? list<S>(scope) : (scope ?? [])) this.#scopes.add(one);
  }

  /** All of them, as a set of scopes goes on the wire. */
  toString(): string {
    this.note(undefined);
    return [...this.#scopes].join(' ');
  }
}
