/**
 * For the page at the redirect URI, in place of a client and its WebAssembly: hands an authorization response on to the page of
 * this origin that asked for it in a popup or hidden frame, and closes the popup, as `handleCallback` does. It never settles then.
 * Where no page waits for a response, and this is no popup of ours, it changes nothing, and resolves; with `next` a page that is
 * in no frame goes on to there instead, one that is a popup too. A `next` of another origin throws a `TypeError`: a response is not
 * for others.
 */
export declare function relay(options?: RelayOptions): Promise<void>;

/** What `relay` takes. */
export declare interface RelayOptions {
    /**
     * Where to go on to where nobody waits for the response, such as the page of an application that signs in by redirect: a URL of
     * this origin. The response goes along, in its query or fragment as it came. Default: stay on this page.
     */
    next?: string | URL;
}

export { }
