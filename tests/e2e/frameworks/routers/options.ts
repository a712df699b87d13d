// What a test says of the application's client.
import type { ClientOptions } from 'scopewise';

export type AppScope = 'openid' | 'read:notes' | 'write:notes';

export interface Settings {
  options: ClientOptions<AppScope>;
}

export const { options } = (globalThis as unknown as { settings: Settings }).settings;
