// The one place that knows how the client stores things: its keys, its records, and where they are.
import type { Page } from '@playwright/test';

/** Where a client keeps its records. */
export type Area = 'session' | 'local' | 'indexeddb';

/** What is stored, by key. Text, unless a test put something else there. */
export type Records = Record<string, string>;

/** What an access token is for. */
export interface Target {
  audience?: string;
  resource: string[];
}

export interface GrantRecord extends Target {
  requested: string[];
  granted: string[];
  assumed: string[];
  implied: string[];
  accessToken: string;
  refreshToken?: string;
  answeredAt?: number;
  expiresAt?: number;
  /** What was done with the refresh token, and when in milliseconds; missing where nothing is under way. */
  refresh?: RefreshRecord;
}

export interface RefreshRecord {
  sent?: number;
  retried: boolean;
  asked?: number;
}

export interface SessionRecord {
  /** Only where several tabs may have a copy. */
  revision?: number;
  version: number;
  id: string;
  user?: { sub: string; idToken: string; claims: Record<string, unknown>; loginHint?: string };
  grants: GrantRecord[];
  /** What the user was asked for and did not give. */
  denied: (Target & { scopes: string[] })[];
}

export interface TransactionRecord {
  version: number;
  status: 'pending' | 'exchanging' | 'done';
  /** Seconds since the epoch. */
  createdAt: number;
  codeVerifier?: string;
}

const isSessionKey = (key: string): boolean => /^scopewise:.*:session$/.test(key);
const isTransactionKey = (key: string): boolean => /^scopewise:.*:tx:/.test(key);

/** Everything that clients keep in one of a page's storages. */
export async function records(page: Page, area: Area = 'session'): Promise<Records> {
  // The database is the client's alone.
  if (area === 'indexeddb') return Object.fromEntries(await databaseEntries(page));
  return Object.fromEntries((await storageEntries(page, area)).filter(([key]) => key.startsWith('scopewise:')));
}

/** The session's record as it is stored, to the letter. */
export async function storedText(page: Page, area: Area = 'session'): Promise<string | undefined> {
  return (await storedSession(page, area))?.[1];
}

/** The same without its revision, which changes whenever it is written. */
export async function sessionText(page: Page, area: Area = 'session'): Promise<string | undefined> {
  const stored = await storedSession(page, area);
  return stored && withoutRevision(stored[1]);
}

/** The session's record. */
export async function sessionRecord(page: Page, area: Area = 'session'): Promise<SessionRecord | undefined> {
  const stored = await storedSession(page, area);
  return stored && readSession(stored[1]);
}

/** Changes the session's record. */
export async function editSession(page: Page, change: (session: SessionRecord) => void, area: Area = 'session'): Promise<void> {
  await damageSession(page, (text) => {
    const session = readSession(text);
    change(session);
    return withSession(text, session);
  }, area);
}

/** Puts something else in place of the session's record: what `change` makes of its text. Resolves to that. */
export async function damageSession<T>(page: Page, change: (text: string) => T, area: Area = 'session'): Promise<T> {
  const [key, text] = (await storedSession(page, area))!;
  const value = change(text);
  await put(page, area, key, value);
  return value;
}

/** The record of the transaction under a state. */
export async function transactionRecord(page: Page, state: string, area: Area = 'session'): Promise<TransactionRecord | undefined> {
  const stored = await storedTransaction(page, state, area);
  return stored && readTransaction(stored[1]);
}

/** All transactions in a storage, by key. */
export async function transactionRecords(page: Page, area: Area = 'session'): Promise<Record<string, TransactionRecord>> {
  const all = Object.entries(await records(page, area)).filter(([key]) => isTransactionKey(key));
  return Object.fromEntries(all.map(([key, text]) => [key, readTransaction(text)]));
}

/** Says that a transaction began at another time: in seconds since the epoch. */
export async function setCreatedAt(page: Page, state: string, createdAt: number, area: Area = 'session'): Promise<void> {
  const [key, text] = (await storedTransaction(page, state, area))!;
  await put(page, area, key, withCreatedAt(text, createdAt));
}

async function storedSession(page: Page, area: Area): Promise<[key: string, text: string] | undefined> {
  return Object.entries(await records(page, area)).find(([key]) => isSessionKey(key));
}

async function storedTransaction(page: Page, state: string, area: Area): Promise<[key: string, text: string] | undefined> {
  return Object.entries(await records(page, area)).find(([key]) => isTransactionKey(key) && key.endsWith(`:tx:${state}`));
}

function storageEntries(page: Page, area: 'session' | 'local'): Promise<[string, string][]> {
  return page.evaluate((area) => Object.entries(area === 'session' ? sessionStorage : localStorage), area);
}

function databaseEntries(page: Page): Promise<[string, string][]> {
  return page.evaluate(() => new Promise<[string, string][]>((resolve, reject) => {
    const opening = indexedDB.open('scopewise');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const store = opening.result.transaction('scopewise').objectStore('scopewise');
      const [keys, values] = [store.getAllKeys(), store.getAll()];
      values.onerror = () => reject(values.error);
      values.onsuccess = () => {
        opening.result.close();
        resolve(keys.result.map((key, i) => [String(key), values.result[i]]));
      };
    };
  }));
}

/** Puts something under a key. Only a database takes what is no text. */
function put(page: Page, area: Area, key: string, value: unknown): Promise<void> {
  return page.evaluate(([area, key, value]) => new Promise<void>((resolve, reject) => {
    if (area !== 'indexeddb') {
      (area === 'session' ? sessionStorage : localStorage).setItem(key, String(value));
      return resolve();
    }
    const opening = indexedDB.open('scopewise');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction('scopewise', 'readwrite');
      transaction.objectStore('scopewise').put(value, key);
      transaction.onabort = () => reject(transaction.error);
      transaction.oncomplete = () => {
        opening.result.close();
        resolve();
      };
    };
  }), [area, key, value] as const);
}

// From here on: the format. A record is a text of members, each after a control character, in groups after another one:
// the session itself, its grants, and the version, which comes last. The revision is a number before the text.

const MEMBER = '\x1e';
const GROUP = '\x1d';

function withoutRevision(text: string): string {
  return text.replace(/^n=\d+/, '');
}

/** The text of a session's record without what it remembers of a no: the rest is to stay to the letter. */
export function withoutDenied(text: string | undefined): string | undefined {
  return text?.replace(/\x1erefused=[^\x1d\x1e]*/g, '');
}

/** The text of the grant for an audience, in that of a session's record. */
export function grantText(text: string, audience: string): string | undefined {
  return text.split(GROUP).find((group) => group.startsWith(`${MEMBER}target=audience=${audience}${MEMBER}`));
}

function readSession(text: string): SessionRecord {
  const revision = /^n=(\d+)/.exec(text)?.[1];
  const [head = '', ...groups] = withoutRevision(text).split(GROUP);
  const members = read(head);
  const one = (name: string) => find(members, name);
  const claims = one('claims');
  const session: SessionRecord = {
    version: Number(find(read(groups.pop() ?? ''), 'v')),
    id: one('id') ?? '',
    grants: groups.map(readGrant),
    denied: members.filter(([name]) => name === 'refused').map(([, text]) => {
      const [target = '', scopes = ''] = text.split('|');
      return { ...readTarget(target), scopes: tokens(scopes) };
    }),
  };
  if (revision !== undefined) session.revision = Number(revision);
  if (claims !== undefined) {
    const hint = one('login_hint');
    session.user = { sub: one('sub') ?? '', idToken: one('id_token') ?? '', claims: JSON.parse(claims) };
    if (hint !== undefined) session.user.loginHint = hint;
  }
  return session;
}

/** A session's text after a change. */
function withSession(text: string, session: SessionRecord): string {
  // What this file does not know would be lost on the way.
  if (writeSession(readSession(text)) !== text) throw new Error('the record of the session has members that are not known here');
  return writeSession(session);
}

function writeSession({ revision, version, id, user, grants, denied }: SessionRecord): string {
  const head: Member[] = [['id', id]];
  if (user) {
    head.push(['id_token', user.idToken], ['claims', JSON.stringify(user.claims)], ['sub', user.sub]);
    if (user.loginHint !== undefined) head.push(['login_hint', user.loginHint]);
  }
  for (const { scopes, ...target } of denied) head.push(['refused', `${writeTarget(target)}|${scopes.join(' ')}`]);
  const groups = [head, ...grants.map(writeGrant), [['v', String(version)] as const]].map(write);
  return (revision === undefined ? '' : `n=${revision}`) + groups.join(GROUP);
}

function readGrant(group: string): GrantRecord {
  const members = read(group);
  const one = (name: string) => find(members, name);
  const number = (name: string) => (one(name) === undefined ? undefined : Number(one(name)));
  const [sent, asked] = [number('sent'), number('asked')];
  const refresh = { sent, retried: one('again') !== undefined, asked };
  return defined({
    ...readTarget(one('target') ?? ''),
    requested: tokens(one('requested')),
    granted: tokens(one('granted')),
    assumed: tokens(one('assumed')),
    implied: tokens(one('carried')),
    accessToken: one('access_token') ?? '',
    refreshToken: one('refresh_token'),
    answeredAt: number('answered_at'),
    expiresAt: number('expires_at'),
    refresh: sent !== undefined || asked !== undefined ? defined(refresh) : undefined,
  }) as GrantRecord;
}

/** But for what was done with the refresh token, whose note is the client's own business. */
function writeGrant(grant: GrantRecord): Member[] {
  const members: [string, string | number | undefined][] = [
    ['target', writeTarget(grant)],
    ['granted', grant.granted.join(' ')],
    ['assumed', grant.assumed.join(' ')],
    ['carried', grant.implied.join(' ')],
    ['requested', grant.requested.join(' ')],
    ['answered_at', grant.answeredAt],
    ['access_token', grant.accessToken],
    ['refresh_token', grant.refreshToken],
    ['expires_at', grant.expiresAt],
  ];
  return members.filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]);
}

function readTarget(target: string): Target {
  const form = new URLSearchParams(target);
  return defined({ audience: form.get('audience') ?? undefined, resource: form.getAll('resource') }) as Target;
}

function writeTarget({ audience, resource }: Target): string {
  const form = new URLSearchParams(audience === undefined ? [] : [['audience', audience]]);
  for (const one of resource) form.append('resource', one);
  return form.toString();
}

function readTransaction(text: string): TransactionRecord {
  const members = read(text);
  const one = (name: string) => find(members, name);
  const status = one('status');
  return defined({
    version: Number(one('v')),
    status: status === undefined ? 'pending' : status === 'in-flight' ? 'exchanging' : 'done',
    createdAt: Number(one('created_at')),
    codeVerifier: one('code_verifier'),
  }) as TransactionRecord;
}

const withCreatedAt = (text: string, createdAt: number): string => write(read(text).map(([name, value]) => [name, name === 'created_at' ? String(createdAt) : value]));

type Member = readonly [name: string, text: string];

const read = (group: string): Member[] => group.split(MEMBER).slice(1).map((member) => {
  const at = member.indexOf('=');
  return [member.slice(0, at), member.slice(at + 1)];
});
const write = (members: readonly Member[]): string => members.map(([name, text]) => `${MEMBER}${name}=${text}`).join('');
const find = (members: readonly Member[], name: string): string | undefined => members.find(([one]) => one === name)?.[1];
const tokens = (scopes = ''): string[] => scopes.split(' ').filter(Boolean);

/** Without members that are undefined. */
function defined<T extends object>(object: T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;
}

// Damage: what to put in place of the stored text of a session.

/** A text of somebody else, who also has tokens. */
export const foreignRecord = (): string => '{"access_token":"x","expires_at":1}';
/** Cut off in the middle of a grant. */
export const truncatedRecord = (text: string): string => text.slice(0, text.indexOf('granted=') + 20);
/** Whole, but for the claims of its user. */
export const truncatedClaims = (text: string): string => text.replace(/(claims=[^\x1e]{20})[^\x1e]*/, '$1');
/** A time that is no number. */
export const unsoundTime = (text: string): string => text.replace(/(expires_at=)\d+/, '$1soon');
/** A version that is no number. */
export const unsoundVersion = (text: string): string => withVersion(text, 'one');
/** Of a version that this client does not know yet. */
export const newerRecord = (text: string): string => withVersion(text, '99');
/** Of a version that this client does not know any more. */
export const olderRecord = (text: string): string => withVersion(text, '0');
/** An access token without a character. */
export const emptyAccessToken = (text: string): string => text.replace(/(access_token=)[^\x1d\x1e]*/, '$1');

function withVersion(text: string, version: string): string {
  return text.replace(/\x1ev=\d+$/, `${MEMBER}v=${version}`);
}
