import { list, members } from './error.js';
import { enter, type Instance } from './load.js';
import { Call } from './options.js';
import type { AuthorizationOutcome, Claims, Session } from './types.js';

/** Snapshots of the session: made when asked for, the same object for as long as the content is the same. */
export class Snapshots<S extends string> {
  #id?: number;
  #record?: string;
  #latest!: Session<S>;
  #told?: Session<S>;
  #isStale = true;
  #listeners = new Set<() => void>();
  readonly #instance: Instance;

  constructor(instance: Instance) {
    this.#instance = instance;
  }

  open(id: number): void {
    this.#id = id;
    this.#told = this.read();
  }

  close(): void {
    this.#listeners.clear();
    this.#isStale = false;
  }

  /** The latest snapshot; of a client that is closed or poisoned, the last. */
  read(): Session<S> {
    if (this.#isStale && !this.#instance.poison) {
      const record = enter(this.#instance, () => this.#instance.glue.call(this.#id!, Call.session, ''));
      if (record !== this.#record) this.#latest = session(record);
      this.#record = record;
      this.#isStale = false;
    }
    return this.#latest;
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

  #tell(): void {
    if (this.#id === undefined || this.read() === this.#told) return;
    this.#told = this.read();
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (thrown) {
        // The application's own error goes where it looks for such, and the other listeners are called.
        queueMicrotask(() => {
          throw thrown;
        });
      }
    }
  }
}

/** The outcome of a record. */
export function outcome<S extends string>(record: string): AuthorizationOutcome<S> {
  const { kind, outcome, requested, granted, missing, returnTo, appState } = members(record);
  return freeze({
    kind: kind as 'sign-in',
    outcome: outcome as 'granted',
    requested: list<S>(requested),
    granted: list<S>(granted),
    missing: list<S>(missing),
    appState: appState === undefined ? undefined : JSON.parse(appState),
    returnTo: returnTo!,
  });
}

function session<S extends string>(record: string): Session<S> {
  const { claims, requested, granted, denied, expiresAt, persisted } = members(record);
  return freeze({
    signedIn: record !== '',
    claims: claims === undefined ? null : (JSON.parse(claims, withoutPrototype) as Claims),
    requested: list<S>(requested),
    granted: list<S>(granted),
    denied: list<S>(denied),
    expiresAt: expiresAt === undefined ? null : +expiresAt,
    persisted: record === '' || persisted !== undefined,
  });
}

/** For claims: one of that name would be an object's prototype to whoever copies it. */
export const withoutPrototype = (name: string, value: unknown) => (name === '__proto__' ? undefined : value);

export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
