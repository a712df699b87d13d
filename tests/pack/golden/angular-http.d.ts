import type { FetchOptions } from './index.js';
import { HttpContextToken } from '@angular/common/http';
import { HttpInterceptorFn } from '@angular/common/http';

/** What a request needs besides: `http.get(url, { context: new HttpContext().set(API_OPTIONS, { scope: 'write:x' }) })`. */
export declare const API_OPTIONS: HttpContextToken<Pick<FetchOptions<string>, "audience" | "onMissing" | "resource" | "scope">>;

/**
 * Sends requests to URLs that begin with one of these by the client's `fetch`, with a token, a proof and its second tries. All others go on as they are.
 * The client sends tokens to `apis` and the page's own origin and nowhere else, whatever is said here. On a server there are none: such requests fail with `not_in_browser`.
 */
export declare const apiInterceptor: (urls: readonly string[], options?: FetchOptions) => HttpInterceptorFn;

export { }
