import type { Client as Module } from './generated/scopewise.js';
import type { Claims, Scope, Session } from './types.js';

/** What the module says of the session and its default grant. */
export interface State {
  readonly session: SessionMembers;
  /** Seconds since the epoch, on the module's clock. */
  readonly now: number;
  /** That of the default audience. */
  readonly grant: GrantState | null;
  /** The names of the session's refresh tokens, where a worker has those. */
  readonly held: string[] | null;
}

interface SessionMembers {
  readonly signedIn: boolean;
  readonly claims: Claims | null;
  readonly requested: string[];
  readonly granted: string[];
  readonly denied: string[];
  readonly expiresAt: number | null;
  readonly expired: boolean;
  readonly persisted: boolean;
}

/** Times are in seconds since the epoch; null for never. */
interface GrantState {
  readonly covered: readonly string[];
  readonly usableUntil: number | null;
  readonly freshUntil: number | null;
  readonly accessToken: string;
}

export type { Module };

/** Snapshots of the session: made when asked for, the same object for as long as the content is the same. */
export class Snapshots<S extends string> {
  #module: Module | undefined;
  #isStale = true;
  #members: SessionMembers | undefined;
  #latest!: Session<S>;
  #told?: Session<S>;
  #grant: Grant | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #call: <T>(call: () => T) => T;
  readonly #missing: (scope: Scope<S>) => S[];
  readonly #tokens: (scope: Scope<S>) => S[];

  /** `call` makes a call of the module, `missing` is the client's own `missingScopes`, and `tokens` reads a scope argument without the module. */
  constructor(call: <T>(call: () => T) => T, missing: (scope: Scope<S>) => S[], tokens: (scope: Scope<S>) => S[]) {
    this.#call = call;
    this.#missing = missing;
    this.#tokens = tokens;
  }

  open(module: Module): void {
    this.#module = module;
    this.#told = this.read();
  }

  close(): void {
    this.#listeners.clear();
    this.#isStale = false;
  }

  /** The latest snapshot; of a client that is closed or poisoned, the last. */
  read(): Session<S> {
    if (this.#isStale) this.#take();
    return this.#latest;
  }

  /** True where the default grant has the scope for sure, false where it may not: the module knows. */
  covers(scope: string): boolean {
    if (this.#isStale) this.#take();
    return this.#grant?.covers(scope) ?? false;
  }

  /** The default grant's token, where a caller without further wishes needs no other. */
  freshToken(): string | undefined {
    if (this.#isStale) this.#take();
    return this.#grant?.freshToken();
  }

  /** Called by the module; listeners wait until it is done. */
  readonly changed = (): void => {
    this.#isStale = true;
    queueMicrotask(() => this.#tell());
  };

  readonly subscribe = (listener: () => void): (() => void) => {
    // Wrapped, so that the same function may listen twice.
    const entry = () => listener();
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  };

  #take(): void {
    let state: State;
    try {
      state = this.#call(() => this.#module!.state()) as State;
    } catch (poison) {
      // A client that is closed or poisoned keeps its last snapshot.
      if (this.#members) return;
      throw poison;
    }
    this.#isStale = false;
    this.#grant = state.grant ? new Grant(state.grant, new Clock(state.now)) : undefined;
    if (state.session !== this.#members) {
      this.#members = state.session;
      this.#latest = this.#snapshot(keptOf(state.session, this.#latest), this.#grant);
    }
  }

  #snapshot(members: SessionMembers, grant: Grant | undefined): Session<S> {
    const missing = (scope: Scope<S>): S[] => {
      try {
        this.#missing(scope);
      } catch (error) {
        // What is no scope is one nowhere. A client that is closed or poisoned leaves its snapshots as they are.
        if ((error as { code?: unknown }).code === 'invalid_scope_syntax') throw error;
      }
      return this.#tokens(scope).filter((token) => !grant?.covers(token));
    };
    const has = (scope: Scope<S>): boolean => (typeof scope === 'string' && grant?.covers(scope)) || missing(scope).length === 0;
    return sessionOf(members, has, missing);
  }

  #tell(): void {
    if (!this.#module || this.read() === this.#told) return;
    this.#told = this.read();
    for (const listener of [...this.#listeners]) {
      try {
        // Another one may have ended it, or closed the client.
        if (this.#listeners.has(listener)) listener();
      } catch (thrown) {
        // Reported as an uncaught error of the page. The other listeners are called all the same.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}

/** The module's clock, from here on: it never goes back, whatever the device's does, and goes on while the device sleeps. */
class Clock {
  readonly #at: number;
  readonly #date = Date.now();
  readonly #ticks = performance.now();
  /** Seconds since the epoch, for what is left of this task: a page that asks much renders, and that takes no time to speak of. */
  #now: number | undefined;

  constructor(at: number) {
    this.#at = at;
  }

  isBefore(moment: number): boolean {
    return moment === Infinity || (this.#now ?? this.#keep()) < moment;
  }

  read(): number {
    return this.#at + Math.max(Date.now() - this.#date, performance.now() - this.#ticks) / 1000;
  }

  #keep(): number {
    queueMicrotask(() => (this.#now = undefined));
    return (this.#now = this.read());
  }
}

/** A grant, for looking things up: the module worked out everything in it. */
class Grant {
  readonly #covered: ReadonlySet<string>;
  readonly #usableUntil: number;
  readonly #freshUntil: number;
  readonly #accessToken: string;
  readonly #clock: Clock;

  constructor({ covered, usableUntil, freshUntil, accessToken }: GrantState, clock: Clock) {
    this.#covered = new Set(covered);
    this.#usableUntil = usableUntil ?? Infinity;
    this.#freshUntil = freshUntil ?? Infinity;
    this.#accessToken = accessToken;
    this.#clock = clock;
  }

  /** Whether it has a scope, and can be used. */
  covers(scope: string): boolean {
    return this.#covered.has(scope) && this.#clock.isBefore(this.#usableUntil);
  }

  /** Its token, where a caller without further wishes needs no other. */
  freshToken(): string | undefined {
    return this.#clock.read() < this.#freshUntil ? this.#accessToken : undefined;
  }
}

/** The members, with the objects of the snapshot before where those say the same: what an application made of them need not be made anew. */
function keptOf(members: SessionMembers, before: Partial<Session> = {}): SessionMembers {
  const entries = Object.entries(members).map(([name, value]) => {
    const held = before[name as keyof SessionMembers];
    return [name, isAlike(held, value) ? held : value];
  });
  return Object.fromEntries(entries);
}

/** Whether two values of JSON are the same. */
function isAlike(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return one === other;
  const [members, others] = [Object.entries(one), new Map(Object.entries(other))];
  return members.length === others.size && members.every(([name, value]) => others.has(name) && isAlike(value, others.get(name)));
}

/** The descriptor of a member that is not enumerable, without what a page adds to Object.prototype. */
const fixed = (value: unknown): PropertyDescriptor => ({ __proto__: null, value }) as PropertyDescriptor;

/** A snapshot. Its methods are not enumerable: a copy or a print of a session has its data only. */
export function sessionOf<S extends string>(members: SessionMembers, has: Session<S>['has'], missing: Session<S>['missing']): Session<S> {
  return freeze(Object.defineProperties({ ...members }, { has: fixed(has), missing: fixed(missing) })) as unknown as Session<S>;
}

/** What the module handed over, as applications get it: its members are its own, and stay as they are. */
export const published = <T extends object>(members: T): T => freeze({ ...members });

/** A value and all that it holds, however deep: an application's own JSON may have more levels than a stack. */
export function freeze<T>(value: T): T {
  const all: unknown[] = [value];
  for (const one of all) {
    if (typeof one === 'object' && one !== null) for (const member of Object.values(Object.freeze(one))) all.push(member);
  }
  return value;
}
