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
  user?: { sub: string; idToken: string; claims: Record<string, unknown> };
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

// From here on: the format. A record is JSON. The revision, where there is one, comes first.

type Json = Record<string, any>;

function withoutRevision(text: string): string {
  return text.replace(/^\{"revision":\d+,/, '{');
}

/** The text of a session's record without what it remembers of a no: the rest is to stay to the letter. */
export function withoutDenied(text: string | undefined): string | undefined {
  return text && edited(text, (session) => void delete session['denied']);
}

/** The text of the grant for an audience, in that of a session's record. */
export function grantText(text: string, audience: string): string | undefined {
  const { grants } = JSON.parse(text) as { grants: Json[] };
  return JSON.stringify(grants.find((grant) => grant['target'].audience === audience));
}

function readSession(text: string): SessionRecord {
  const { revision, v, id, user, grants, denied } = JSON.parse(text) as Json;
  return defined({
    revision,
    version: v,
    id,
    user: user ? { sub: user.claims.sub, idToken: user.id_token, claims: user.claims } : undefined,
    grants: grants.map(readGrant),
    denied: denied.map(({ target, scopes }: Json) => ({ ...readTarget(target), scopes })),
  }) as SessionRecord;
}

/** A session's text after a change. Members that this file does not know stay. */
function withSession(text: string, session: SessionRecord): string {
  const { user, grants, denied } = session;
  return edited(text, (json) => {
    assign(json, { revision: session.revision, v: session.version, id: session.id });
    json['user'] = user ? { id_token: user.idToken, claims: { ...user.claims, sub: user.sub } } : null;
    json['grants'] = grants.map(writeGrant);
    json['denied'] = denied.map(({ scopes, ...target }) => ({ target: writeTarget(target), scopes }));
  });
}

function readGrant(grant: Json): GrantRecord {
  const { token, sent } = (grant['refresh'] ?? {}) as Json;
  return defined({
    ...readTarget(grant['target']),
    requested: grant['requested'],
    granted: grant['granted'],
    assumed: grant['assumed'],
    implied: grant['implied'],
    accessToken: grant['access_token'],
    refreshToken: token,
    answeredAt: grant['answered_at'],
    expiresAt: grant['expires_at'],
    refresh: sent ? defined({ sent: sent.at, retried: sent.is_retried, asked: sent.asked_silently_at }) : undefined,
  }) as GrantRecord;
}

function writeGrant({ requested, granted, assumed, implied, ...grant }: GrantRecord): Json {
  const { sent, retried, asked } = grant.refresh ?? { retried: false };
  return {
    target: writeTarget(grant),
    requested,
    granted,
    assumed,
    implied,
    access_token: grant.accessToken,
    answered_at: grant.answeredAt,
    expires_at: grant.expiresAt ?? null,
    refresh: grant.refreshToken === undefined ? null : {
      token: grant.refreshToken,
      sent: sent === undefined ? null : { at: sent, is_retried: retried, asked_silently_at: asked ?? null },
    },
  };
}

function readTarget({ audience, resource }: Json): Target {
  return defined({ audience, resource }) as Target;
}

function writeTarget({ audience, resource }: Target): Json {
  return { audience: audience ?? null, resource };
}

function readTransaction(text: string): TransactionRecord {
  const { v, status, created_at, code_verifier } = JSON.parse(text) as Json;
  return defined({ version: v, status, createdAt: created_at, codeVerifier: code_verifier }) as TransactionRecord;
}

const withCreatedAt = (text: string, createdAt: number): string => edited(text, (transaction) => void (transaction['created_at'] = createdAt));

function edited(text: string, change: (json: any) => void): string {
  const json = JSON.parse(text) as Json;
  change(json);
  return JSON.stringify(json);
}

/** Changes members in place, and takes those away that are undefined. Null is what was undefined, and stays. */
function assign(json: Json, members: Json): Json {
  for (const [name, value] of Object.entries(members)) {
    if (value !== undefined) json[name] = value;
    else if (json[name] !== null) delete json[name];
  }
  return json;
}

/** Without members that are undefined, or null. */
function defined(object: Json): Json {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== null));
}

// Damage: what to put in place of the stored text of a session.

/** A text of somebody else, who also has tokens. */
export const foreignRecord = (): string => '{"access_token":"x","expires_at":1}';
/** Cut off in the middle of a grant. */
export const truncatedRecord = (text: string): string => text.slice(0, text.indexOf('"granted":') + 20);
/** Whole, but for the claims of its user. */
export const truncatedClaims = (text: string): string => edited(text, ({ user }) => void (user.claims = JSON.stringify(user.claims).slice(0, 20)));
/** A time that is no number. */
export const unsoundTime = (text: string): string => edited(text, ({ grants }) => void (grants[0].expires_at = 'soon'));
/** A version that is no number. */
export const unsoundVersion = (text: string): string => withVersion(text, 'one');
/** Of a version that this client does not know yet. */
export const newerRecord = (text: string): string => withVersion(text, 99);
/** Of a version that this client does not know any more. */
export const olderRecord = (text: string): string => withVersion(text, 1);
/** An access token without a character. */
export const emptyAccessToken = (text: string): string => edited(text, ({ grants }) => void (grants[0].access_token = ''));

function withVersion(text: string, version: unknown): string {
  return edited(text, (session) => void (session.v = version));
}
