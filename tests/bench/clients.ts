// The clients that are measured, and what each page of theirs can do.
export const CLIENTS = ['baseline', 'scopewise', 'auth0-spa-js', 'oidc-client-ts'] as const;
export type ClientName = (typeof CLIENTS)[number];

/** Those that are measured against the hand-written one. */
export const LIBRARIES = CLIENTS.slice(1) as Exclude<ClientName, 'baseline'>[];
export type Library = (typeof LIBRARIES)[number];

/** What a module of clients/ gives the page. */
export interface PageClient {
  signIn(more?: object): unknown;
  popup?(more?: object): unknown;
  upgrade?(): unknown;
  callback(): Promise<unknown>;
  token(): Promise<string>;
  refresh(): Promise<string>;
}

declare global {
  /** Set by every page: when its script began, what to open a client with, and the client once it is there. */
  var bench: {
    began: number;
    settings: object;
    client: PageClient;
    /** Loads the client's module and opens a client: milliseconds from the first to the last. */
    open(): Promise<number>;
    /** Seconds that the page's clock is ahead. */
    ahead: number;
    /** On a callback page: milliseconds until there was a token. */
    done?: Promise<number>;
  };
}
