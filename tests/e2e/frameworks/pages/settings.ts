// What a test says of the page, and the client that each of these pages makes of it.
import { createClient, type Client, type ClientOptions } from 'scopewise';

export interface Settings {
  options: ClientOptions;
  /** A second client, of the second application on the page. */
  other?: ClientOptions;
  asking?: object;
  /** Show the dialog unasked for this scope. */
  dialogFor?: string;
  /** Ask in an effect for this scope, where it is to be offered. */
  asksFor?: string;
  /** What the page asks for instead of one scope. */
  several?: string[];
  /** The scopes that the application needs from the start. */
  base: string[];
  /** What is at this URL is fetched with a token. */
  api?: string;
  /** Take over what the server rendered: with the promise of a client, or with a client that is ready. */
  hydrates?: 'promised' | 'ready';
}

declare global {
  var settings: Settings;
  /** The clients of the page, for the test. */
  var clients: Client[];
}

export const settings: Settings = globalThis.settings;

export const WRITE = 'write:x';

/** Made once, outside of components. */
export async function made(options: ClientOptions): Promise<Client> {
  const client = await createClient(options);
  (globalThis.clients ??= []).push(client);
  return client;
}

export const said = (error: unknown): string => (error ? ((error as { code?: string }).code ?? String(error)) : 'none');
