import { carried, fail, minus, union } from './scopes.js';
import type { Claims, GrantSelector, ProviderProfile, ScopeReport, ScopeStatus } from '../types.js';

/** What tokens are for: an audience and resources, in one text. */
export type Target = string;

/** A grant of the session. Times are in seconds since the epoch. */
export interface Grant {
  readonly requested: readonly string[];
  readonly granted: readonly string[];
  readonly assumed: readonly string[];
  /** What is granted besides scopes (RFC 9396), where the server said so. */
  readonly details: readonly object[] | undefined;
  readonly token: string;
  readonly answeredAt: number;
  readonly expiresAt: number | null;
  readonly isRenewable: boolean;
}

/** What a caller wants of a token. */
export interface Wanted {
  readonly target: Target;
  readonly scopes: readonly string[];
  readonly minValidity: number;
  readonly forceRefresh: boolean;
}

/** A new token is taken for fresh for so long, seconds. */
const NEW = 2;

/** Who is signed in and what is granted, by the rules of the real client. `changed` is told after every change. */
export class Ledger {
  /** Tells one session from another; 0 where nobody is signed in. */
  session = 0;
  user: Claims | null = null;
  /** What was asked for in this session, and not given. */
  readonly #denied = new Map<Target, string[]>();
  readonly #grants = new Map<Target, Grant>();
  #used: string[] = [];
  #sessions = 0;
  #tokens = 0;
  #members: object = {};
  readonly defaultTarget: Target;
  readonly #profile: ProviderProfile | undefined;
  readonly #expiresIn: number | null;
  readonly #changed: () => void;

  constructor(defaultTarget: Target, profile: ProviderProfile | undefined, expiresIn: number | null, changed: () => void) {
    this.defaultTarget = defaultTarget;
    this.#profile = profile;
    this.#expiresIn = expiresIn;
    this.#changed = changed;
  }

  static now = (): number => Math.floor(Date.now() / 1000);

  grant(target: Target): Grant | undefined {
    return this.#grants.get(target);
  }

  holds(token: string): boolean {
    return [...this.#grants.values()].some((grant) => grant.token === token);
  }

  granted(target: Target): readonly string[] {
    return this.#grants.get(target)?.granted ?? [];
  }

  /** Begins a session. Without `openid` there is no ID token, and so no user. */
  signIn(user: Claims, target: Target, requested: readonly string[], granted: readonly string[], assumed: readonly string[] = [], details?: readonly object[]): void {
    this.#forget();
    this.session = this.#sessions += 1;
    this.user = granted.includes('openid') ? user : null;
    this.authorize(target, requested, granted, assumed, details);
  }

  /** What the server granted in the session that is there. */
  authorize(target: Target, requested: readonly string[], granted: readonly string[], assumed: readonly string[] = [], details?: readonly object[]): void {
    // The latest answer counts.
    this.#denied.set(target, minus(this.#denied.get(target) ?? [], [...requested, ...this.closure(granted)]));
    this.#deny(target, minus(requested, granted));
    const others = [...this.#grants].filter(([held]) => held !== target);
    this.#grants.clear();
    this.#grants.set(target, this.#renewed({ requested, granted, assumed, details }));
    others.forEach(([held, grant]) => this.#grants.set(held, grant));
    this.#changed();
  }

  deny(target: Target, scopes: readonly string[]): void {
    this.#deny(target, scopes);
    this.#changed();
  }

  signOut(): void {
    this.#forget();
    this.session = 0;
    this.#changed();
  }

  renew(target: Target): void {
    this.#grants.set(target, this.#renewed(this.#grants.get(target)!));
    this.#changed();
  }

  expire(target: Target): void {
    const grant = this.#grants.get(target);
    if (!grant) return;
    const now = Ledger.now();
    this.#grants.set(target, { ...grant, isRenewable: false, expiresAt: Math.min(grant.expiresAt ?? now, now) });
    this.#changed();
  }

  /** Scopes, and what they carry. */
  closure(scopes: readonly string[]): string[] {
    return union(scopes, carried(scopes, this.#profile));
  }

  /** Those of some scopes that are not granted, or whose grant is over. */
  missing(scopes: readonly string[], target: Target): string[] {
    return this.isUsable(target) ? this.lacking(scopes, target) : [...scopes];
  }

  /** Whether there is a grant that is not over. */
  isUsable(target: Target): boolean {
    const grant = this.#grants.get(target);
    return grant !== undefined && (endOf(grant) ?? Infinity) > Ledger.now();
  }

  /** Those that are not granted, whether or not the grant is over. */
  lacking(scopes: readonly string[], target: Target): string[] {
    const grant = this.#grants.get(target);
    return grant ? minus(scopes, this.#covered(grant)) : [...scopes];
  }

  wasDenied(scopes: readonly string[], target: Target): boolean {
    return scopes.some((scope) => this.#isIn(this.#denied.get(target) ?? [], scope));
  }

  status(scope: string, target: Target): ScopeStatus {
    const grant = this.#grants.get(target);
    if (grant?.assumed.includes(scope)) return 'assumed';
    if (grant && this.#covered(grant).includes(scope)) return 'granted';
    return this.#isIn(grant?.requested ?? [], scope) || this.wasDenied([scope], target) ? 'denied' : 'not-requested';
  }

  /** Whether a scope is in a list, in whatever spelling: of two of them each carries the other. */
  #isIn(list: readonly string[], scope: string): boolean {
    const carried = this.closure([scope]);
    return list.some((other) => carried.includes(other) && this.closure([other]).includes(scope));
  }

  /** Counts scopes of the default target as used in this session. */
  noteUsed(scopes: readonly string[], target: Target): void {
    if (this.session > 0 && target === this.defaultTarget) this.#used = union(this.#used, scopes);
  }

  report(): ScopeReport {
    const grant = this.#grants.get(this.defaultTarget);
    const requested = union(grant?.requested ?? [], this.#denied.get(this.defaultTarget) ?? []);
    const granted = [...(grant?.granted ?? [])];
    // These two act at the authorization server: applications need them without ever checking them.
    const beyondChecks = ['openid', 'offline_access'];
    const isUsed = (scope: string) => beyondChecks.includes(scope) || this.closure([scope]).some((one) => this.#used.includes(one));
    return {
      requested, granted, denied: minus(requested, granted), used: [...this.#used],
      unused: granted.filter((scope) => !isUsed(scope)), unrequested: minus(this.#used, this.closure(requested)),
    };
  }

  /** A token that lasts, or undefined where it takes a renewal. */
  token({ target, scopes, minValidity, forceRefresh }: Wanted): string | undefined {
    if (this.session === 0) throw fail('not_signed_in', 'Nobody is signed in. Call signIn first.');
    const grant = this.#grants.get(target);
    const named = grant || scopes.length > 0 || !this.user ? scopes : ['openid'];
    const missing = minus(named, grant ? this.#covered(grant) : []);
    const problem = missing.length > 0 ? `No token for this audience has ${missing.join(', ')}` : 'There is no token for this audience';
    if (!grant || missing.length > 0) throw fail('missing_scope', `${problem}. Call upgrade when the user wants what needs it.`, { missing });
    const now = Ledger.now();
    if (!forceRefresh && now < freshUntil(grant, minValidity)) return grant.token;
    if (grant.isRenewable) return undefined;
    if ((grant.expiresAt ?? Infinity) > now + minValidity) return grant.token;
    throw fail('login_required', 'The access token has run out and cannot be renewed. Call signIn.');
  }

  /** When the default grant ends for good; null where that is not known. */
  end(): number | null {
    const grant = this.#grants.get(this.defaultTarget);
    return grant ? endOf(grant) : null;
  }

  /** What snapshots are made of. The session is the same object for as long as its content is the same. */
  state() {
    const grant = this.#grants.get(this.defaultTarget);
    const end = this.end();
    const session = {
      signedIn: this.session > 0, claims: this.user, requested: [...(grant?.requested ?? [])], granted: [...(grant?.granted ?? [])],
      denied: minus(grant?.requested ?? [], grant?.granted ?? []), expiresAt: grant?.expiresAt ?? null, expired: end !== null && end <= Ledger.now(), persisted: true,
    };
    if (JSON.stringify(session) !== JSON.stringify(this.#members)) this.#members = session;
    const lookups = grant && { covered: this.#covered(grant), usableUntil: endOf(grant), freshUntil: freshUntil(grant, 30), accessToken: grant.token };
    return { session: this.#members, now: Date.now() / 1000, grant: lookups ?? null };
  }

  #renewed({ requested, granted, assumed, details }: Pick<Grant, 'requested' | 'granted' | 'assumed' | 'details'>): Grant {
    const answeredAt = Ledger.now();
    const token = `mock-access-token-${(this.#tokens += 1)}`;
    const expiresAt = this.#expiresIn === null ? null : answeredAt + this.#expiresIn;
    return { requested, granted, assumed: assumed.filter((scope) => granted.includes(scope)), details, token, answeredAt, expiresAt, isRenewable: granted.includes('offline_access') };
  }

  #deny(target: Target, scopes: readonly string[]): void {
    this.#denied.set(target, union(this.#denied.get(target) ?? [], scopes));
  }

  #forget(): void {
    this.user = null;
    this.#grants.clear();
    this.#denied.clear();
    this.#used = [];
  }

  #covered(grant: Grant): string[] {
    return this.closure(grant.granted);
  }
}

/** When a grant ends for good; null where that is not known. */
const endOf = (grant: Grant): number | null => (grant.isRenewable ? null : grant.expiresAt);

/** Until when nobody needs another token, for a caller who wants it to last some more seconds, or half its life where that is shorter. */
function freshUntil(grant: Grant, minValidity: number): number {
  if (grant.expiresAt === null) return Infinity;
  const until = grant.expiresAt - Math.min(minValidity, Math.floor((grant.expiresAt - grant.answeredAt) / 2));
  return grant.isRenewable ? Math.max(until, grant.answeredAt + NEW) : until;
}

/** What tokens are for, as one text. */
export function targetOf({ audience, resource }: { audience?: string; resource?: string | readonly string[] } | GrantSelector): Target {
  // In one order, since theirs makes no difference.
  const resources = [...new Set([resource ?? []].flat())].sort();
  return JSON.stringify([audience ?? null, ...resources]);
}
