// What blocks of the documentation leave out. A block that imports nothing from 'scopewise' gets those of these names that it does not
// declare by itself; one that does is complete, and gets `pageNames` only. More is said above a block, as <!-- with: declarations -->.
import { AuthError, createClient, init, type Client } from 'scopewise';

export { AuthError, createClient, init };
/** The application's client, as `createClient` made it. */
export declare const client: Client;
export declare const issuer: string;
export declare const clientId: string;

// Of the page.
export declare const button: HTMLButtonElement;
