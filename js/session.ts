import { list } from './error.js';
import * as glue from './generated/scopewise.js';
import { enter, type Instance } from './load.js';
import { Call } from './options.js';
import type { AuthorizationOutcome, Claims, Session } from './types.js';

/** Snapshots of the session: made when asked for, the same object for as long as the content is the same. */
export class Snapshots<S extends string> {
  #id?: number;
  #form?: string;
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
      const form = enter(this.#instance, () => glue.call(this.#id!, Call.session, ''));
      if (form !== this.#form) this.#latest = session(form);
      this.#form = form;
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

/** The outcome of a form. */
export function outcome<S extends string>(form: string): AuthorizationOutcome<S> {
  const { kind, outcome, requested, granted, missing, returnTo, appState } = Object.fromEntries(new URLSearchParams(form));
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

function session<S extends string>(form: string): Session<S> {
  const { claims, requested, granted, denied, expiresAt, persisted } = Object.fromEntries(new URLSearchParams(form));
  return freeze({
    signedIn: form !== '',
    // A claim of that name would be an object's prototype to whoever copies it.
    claims: claims === undefined ? null : (JSON.parse(claims, (name, value) => (name === '__proto__' ? undefined : value)) as Claims),
    requested: list<S>(requested),
    granted: list<S>(granted),
    denied: list<S>(denied),
    expiresAt: expiresAt === undefined ? null : +expiresAt,
    persisted: form === '' || persisted !== undefined,
  });
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
}
