import { PlatformLocation } from '@angular/common';
import { HttpContextToken, HttpErrorResponse, HttpEventType, HttpHeaderResponse, HttpHeaders, HttpResponse, type HttpEvent, type HttpInterceptorFn, type HttpRequest } from '@angular/common/http';
import { inject } from '@angular/core';
import { Observable } from 'rxjs';
import { injectApi } from './angular.js';
import type { FetchOptions } from './types.js';

/** What a request needs besides: `http.get(url, { context: new HttpContext().set(API_OPTIONS, { scope: 'write:x' }) })`. */
export const API_OPTIONS = new HttpContextToken<Pick<FetchOptions, 'scope' | 'audience' | 'resource' | 'onMissing'>>(() => ({}));

/**
 * Sends requests to URLs that begin with one of these by the client's `fetch`, with a token, a proof and its second tries. All others go on as they are.
 * The client sends tokens to `apis` and the page's own origin and nowhere else, whatever is said here. On a server there are none: such requests fail with `not_in_browser`.
 */
export const apiInterceptor = (urls: readonly string[], options: FetchOptions = {}): HttpInterceptorFn => (request, next) => {
  const page = inject(PlatformLocation);
  // As the request itself would be: routes are no folders.
  const base = new URL(page.getBaseHrefFromDOM() || '', page.href);
  const { href } = new URL(request.urlWithParams, base);
  if (!urls.some((url) => href.startsWith(new URL(url, base).href))) return next(request);
  const fetch = injectApi();
  return new Observable<HttpEvent<unknown>>((subscriber) => {
    const leaving = new AbortController();
    const { timeout } = request;
    const timer = timeout ? setTimeout(() => leaving.abort(new DOMException('The request took too long.', 'TimeoutError')), timeout) : undefined;
    const response = fetch(href, { ...options, ...request.context.get(API_OPTIONS), ...initOf(request), signal: leaving.signal });
    subscriber.next({ type: HttpEventType.Sent });
    answer(request, response, (event) => subscriber.next(event)).then(
      (event) => (subscriber.next(event), subscriber.complete()),
      (error) => subscriber.error(error),
    );
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  });
};

/** What a request may say of how it is sent, as fetch calls it. What it does not say is as the interceptor's options have it. */
const SAID = ['keepalive', 'priority', 'cache', 'mode', 'redirect', 'referrer', 'integrity', 'referrerPolicy', 'credentials'] as const;

function initOf(request: HttpRequest<unknown>): RequestInit {
  const headers = new Headers();
  for (const name of request.headers.keys()) for (const value of request.headers.getAll(name) ?? []) headers.append(name, value);
  const type = request.detectContentTypeHeader();
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  if (!headers.has('accept')) headers.set('accept', 'application/json, text/plain, */*');
  const said = Object.fromEntries(SAID.filter((name) => request[name] !== undefined).map((name) => [name, request[name]]));
  return { ...said, ...(request.withCredentials && { credentials: 'include' }), method: request.method, headers, body: request.serializeBody() as BodyInit | null };
}

/** What goes before JSON so that it is no script: as with Angular's own, it is no part of it. */
const NO_SCRIPT = /^\)\]\}',?\n/;

/** The response as Angular has it; one that is no success is an error there. What `fetch` rejects with is `error` of that, and so is what ends a body. */
async function answer(request: HttpRequest<unknown>, call: Promise<Response>, tell: (event: HttpEvent<unknown>) => void): Promise<HttpResponse<unknown>> {
  const { responseType, urlWithParams, reportProgress } = request;
  const failed = (error: unknown) => {
    throw new HttpErrorResponse({ error, status: 0, url: urlWithParams });
  };
  const response = await call.catch(failed);
  const { ok, status, statusText, redirected, type } = response;
  const init = { status, statusText, url: response.url || urlWithParams, headers: new HttpHeaders(response.headers), redirected, responseType: type };
  if (reportProgress) tell(new HttpHeaderResponse(init));
  const whole = await (reportProgress ? inParts(response, responseType === 'text', tell) : response.blob()).catch(failed);
  let body: unknown = responseType === 'blob' ? whole : responseType === 'arraybuffer' ? await whole.arrayBuffer() : await whole.text();
  if (responseType === 'json') {
    const text = (body as string).replace(NO_SCRIPT, '');
    try {
      body = text === '' ? null : JSON.parse(text);
    } catch (error) {
      // The body of a failure need not be JSON, as with Angular's own.
      if (ok) throw new HttpErrorResponse({ ...init, error: { error, text: body } });
    }
  }
  if (!ok) throw new HttpErrorResponse({ ...init, error: body });
  return new HttpResponse({ ...init, body });
}

/** Reads a body, and tells how much is there. */
async function inParts({ body, headers }: Response, isText: boolean, tell: (event: HttpEvent<unknown>) => void): Promise<Blob> {
  const length = headers.get('content-length');
  const decoder = new TextDecoder();
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const reader = body?.getReader();
  let [loaded, partialText] = [0, ''];
  for (let part; reader && !(part = await reader.read()).done; ) {
    parts.push(part.value);
    loaded += part.value.length;
    partialText += decoder.decode(part.value, { stream: true });
    tell({ type: HttpEventType.DownloadProgress, loaded, ...(length !== null && { total: Number(length) }), ...(isText && { partialText }) });
  }
  return new Blob(parts, { type: headers.get('content-type') ?? '' });
}
