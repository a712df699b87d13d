import type { Client } from './index.js';
import type { ClientOptions } from './index.js';

/**
 * Defines `<scopewise-inspector>`, once for a page: session, scopes with what each is for and why it is there or not, what to stop asking for, and what changed since.
 * On a page that is not on this machine it warns, there and in the console. On a server it does nothing.
 */
export declare function defineInspector(): void;

/**
 * Checks a client's options, the page that it is called in, and the server: one finding for each check, problems first. It never rejects for what it finds.
 * It reads the server's metadata, sends a code and tokens that are none to the endpoints that the client uses, to see whether the page may read their
 * answers, and loads the page at the redirect URI once, in a hidden frame, with an answer that belongs to nobody. In a page only.
 */
export declare function diagnose(options: DiagnoseOptions): Promise<readonly Finding[]>;

/** The options of `createClient`. `timeout` (default 10000 milliseconds) bounds each check. */
export declare interface DiagnoseOptions extends Omit<ClientOptions, 'scopes'> {
}

export declare interface Finding {
    readonly id: FindingId;
    /** error: signing in, or what the options ask for, does not work. warning: a part does not, or may not. ok: nothing to do. */
    readonly level: 'error' | 'warning' | 'ok';
    /** What was found, in a sentence. */
    readonly title: string;
    /** What to change, and where; absent with "ok". */
    readonly advice?: string;
}

/** What was checked, and with requests what came of it. It is stable: branch on it rather than on the words. */
export declare type FindingId = `${Place}-${'ok' | 'cors' | 'csp' | 'unreachable' | 'status'}` | 'metadata-json' | 'metadata-missing' | 'issuer' | 'pkce' | 'response-type' | 'scopes' | 'client' | 'dpop' | 'insecure-endpoint' | 'secure-context' | 'wasm' | 'storage' | 'locks' | 'channel' | 'framed' | 'opener-policy' | 'redirect-uri' | 'redirect-status' | 'redirect-frame' | 'redirect-hand-over';

/** Where a request of the client goes. */
export declare type Place = 'metadata' | 'token' | 'userinfo' | 'revocation' | 'jwks' | 'pushed';

/** What users of the element see of a client. For development: it shows to whoever looks what the page was granted. */
export declare interface ScopewiseInspector extends HTMLElement {
    /** The client that it looks at; null for none. Set it once the client is there. */
    client: Client<any> | null;
}

export { }
