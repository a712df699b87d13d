// What a test says of the application's client.
import type { ClientOptions } from 'scopewise';

export type AppScope = 'openid' | 'read:notes' | 'write:notes';

export interface Settings {
  options: ClientOptions<AppScope>;
}

const { settings } = globalThis as { settings?: Settings };

/** Pages that are rendered beforehand know of no test. */
export const options: ClientOptions<AppScope> = settings?.options ?? { clientId: 'app', issuer: 'https://id.example.com' };
