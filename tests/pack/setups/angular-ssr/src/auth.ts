import { createClient, type ClientOptions } from 'scopewise';
import { afterCallback } from 'scopewise/angular';

// Where people sign in: the test says so in the page.
declare global {
  var settings: ClientOptions | undefined;
}

const options: ClientOptions = globalThis.settings ?? { issuer: 'https://id.example', clientId: 'app' };

export const client = afterCallback(createClient(options), ({ returnTo }) => location.replace(returnTo));
