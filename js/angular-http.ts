import { PlatformLocation } from '@angular/common';
import { HttpContextToken, HttpErrorResponse, HttpHeaders, HttpResponse, type HttpEvent, type HttpInterceptorFn, type HttpRequest } from '@angular/common/http';
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
    answer(request, fetch(href, { ...options, ...request.context.get(API_OPTIONS), ...initOf(request), signal: leaving.signal })).then(
      (event) => (subscriber.next(event), subscriber.complete()),
      (error) => subscriber.error(error),
    );
    return () => leaving.abort();
  });
};

function initOf(request: HttpRequest<unknown>): RequestInit {
  const headers = new Headers();
  for (const name of request.headers.keys()) for (const value of request.headers.getAll(name) ?? []) headers.append(name, value);
  const type = request.detectContentTypeHeader();
  if (type !== null && !headers.has('content-type')) headers.set('content-type', type);
  if (!headers.has('accept')) headers.set('accept', 'application/json, text/plain, */*');
  return { method: request.method, headers, body: request.serializeBody() as BodyInit | null };
}

/** The response as Angular has it; one that is no success is an error there. What `fetch` rejects with is `error` of that, and so is what ends a body. */
async function answer({ responseType, urlWithParams }: HttpRequest<unknown>, call: Promise<Response>): Promise<HttpResponse<unknown>> {
  const failed = (error: unknown) => {
    throw new HttpErrorResponse({ error, status: 0, url: urlWithParams });
  };
  const response = await call.catch(failed);
  const { ok, status, statusText, url } = response;
  const init = { status, statusText, url, headers: new HttpHeaders(response.headers) };
  const read = responseType === 'arraybuffer' ? response.arrayBuffer() : responseType === 'blob' ? response.blob() : response.text();
  let body: unknown = await read.catch(failed);
  if (responseType === 'json') {
    try {
      body = body === '' ? null : JSON.parse(body as string);
    } catch (error) {
      // The body of a failure need not be JSON, as with Angular's own.
      if (ok) throw new HttpErrorResponse({ ...init, error: { error, text: body } });
    }
  }
  if (!ok) throw new HttpErrorResponse({ ...init, error: body });
  return new HttpResponse({ ...init, body });
}
