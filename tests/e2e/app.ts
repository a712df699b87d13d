// An application on the bare page, driven from the test: every call crosses to the page and its answer back.
import { expect, type Page } from '@playwright/test';
import type { AuthorizationOutcome, Client, ClientOptions, Session } from '../../pkg/index.js';
import { records, sessionRecord, sessionText, transactionRecord, type Area, type Records, type SessionRecord, type TransactionRecord } from './records.js';
import type { ScriptedServer } from './server.js';

export interface Failure {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly isAuthError: boolean;
  readonly retryable: boolean;
  readonly [member: string]: unknown;
}

export interface Answer<T = unknown> {
  readonly value?: T;
  readonly error?: Failure;
}

export interface Started {
  readonly url: string;
  readonly state: string;
}

/** Some methods are optional for the sake of who makes a client of their own. */
type Whole = Required<Client>;
type Method = { [M in keyof Whole]: Whole[M] extends (...args: never[]) => unknown ? M : never }[keyof Whole];
type Methods = { [M in Method]: Whole[M] extends (...args: infer A) => infer R ? [A, Awaited<R>] : never };

/** Options that replace the usual ones; undefined takes one away. */
export type More = { [K in keyof ClientOptions]?: ClientOptions[K] | undefined };

export class App {
  constructor(readonly page: Page, readonly origin: string, readonly server: ScriptedServer, readonly name = 'main') {}

  /** The same page, another client. */
  as(name: string): App {
    return new App(this.page, this.origin, this.server, name);
  }

  /** The same client in another page. */
  in(page: Page): App {
    return new App(page, this.origin, this.server, this.name);
  }

  async goto(path = '/app/'): Promise<this> {
    await this.page.goto(new URL(path, this.origin).href);
    return this;
  }

  options(more: More = {}): ClientOptions {
    const options = { clientId: 'app', metadata: this.server.metadata, redirectUri: '/cb', ...more };
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as unknown as ClientOptions;
  }

  /** Creates the client; the answer is an error or nothing. */
  tryOpen(more: More = {}): Promise<Answer> {
    return this.page.evaluate(([name, options]) => kit.open(name, options), [this.name, this.options(more)] as const);
  }

  async open(more: More = {}): Promise<this> {
    expect(await this.tryOpen(more)).toEqual({});
    return this;
  }

  call<M extends Method>(method: M, ...args: Methods[M][0]): Promise<Answer<Methods[M][1]>>;
  call(method: string, ...args: unknown[]): Promise<Answer> {
    return this.page.evaluate(([name, method, args]) => kit.call(name, method, ...args), [this.name, method, args] as const);
  }

  session(): Promise<Session> {
    return this.page.evaluate((name) => kit.clients[name].session, this.name);
  }

  async start(options: Parameters<Client['authorizeUrl']>[0] = {}): Promise<Started> {
    const { value, error } = await this.call('authorizeUrl', options);
    expect(error).toBeUndefined();
    return value!;
  }

  async handle(url: string): Promise<Answer<AuthorizationOutcome | null>> {
    return this.call('handleCallback', url);
  }

  /** Signs in without leaving the page. */
  async signIn(options: Parameters<Client['authorizeUrl']>[0] = {}): Promise<AuthorizationOutcome> {
    const { url } = await this.start(options);
    const { value, error } = await this.handle(this.server.approve(url));
    expect(error).toBeUndefined();
    return value!;
  }

  /** Calls something that leaves the page, up to the authorization endpoint and no further: resolves to the request's URL. */
  async ask(method: 'signIn' | 'upgrade', ...args: unknown[]): Promise<string> {
    const asked = this.server.asked();
    await this.page.evaluate(([name, method, args]) => {
      void kit.call(name, method, ...args).then((answer) => console.error(`${method} came back`, JSON.stringify(answer)));
    }, [this.name, method, args] as const);
    return asked;
  }

  /** Gets more scopes without leaving the page. The URL is that of the answer; by default the user says yes. */
  async upgrade(scope: string | string[], answered = (url: string) => this.server.approve(url)): Promise<Answer<AuthorizationOutcome | null>> {
    return this.handle(answered(await this.ask('upgrade', scope)));
  }

  /** Signs in for real: over the authorization endpoint and back. The answer waits in the address bar. */
  async leave(options: object = {}): Promise<string> {
    await Promise.all([
      this.page.waitForURL((url) => url.pathname === '/cb' && (url.searchParams.has('state') || url.searchParams.has('response'))),
      this.page.evaluate(([name, options]) => void kit.call(name, 'signIn', options), [this.name, options] as const),
    ]);
    return this.page.url();
  }

  /** Everything that the client keeps in one of the page's storages. */
  records(area: Area = 'session'): Promise<Records> {
    return records(this.page, area);
  }

  /** The keys of records whose name ends so: `session`, `tx:<state>`. */
  async keys(end: string, area: Area = 'session'): Promise<string[]> {
    return Object.keys(await this.records(area)).filter((key) => key.endsWith(end));
  }

  /** The session's record to the letter, without its revision. */
  sessionText(area: Area = 'session'): Promise<string | undefined> {
    return sessionText(this.page, area);
  }

  /** The session's record, read. */
  sessionRecord(area: Area = 'session'): Promise<SessionRecord | undefined> {
    return sessionRecord(this.page, area);
  }

  /** The record of a request that was begun in this browser. */
  transactionRecord(state: string, area: Area = 'session'): Promise<TransactionRecord | undefined> {
    return transactionRecord(this.page, state, area);
  }
}

/** The answer is a typed failure with this code, and holds no code, state or token. */
export function expectFailure({ value, error }: Answer, code: string, members: Record<string, unknown> = {}): void {
  expect(value).toBeUndefined();
  expect(error).toMatchObject({ name: 'AuthError', isAuthError: true, code, ...members });
  expect(error!.message).toMatch(/\S+ \S+ \S+/);
  expect(JSON.stringify(error)).not.toMatch(/code-\d|access-\d|refresh-\d|[\w-]{43}/);
}
