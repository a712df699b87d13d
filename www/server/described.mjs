// APIs that say what they are (RFC 9728): a document that everybody may read, at a place that follows from the API's own URL.

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** Where the document is of an API whose identifier is this URL. */
export function placeOf(resource) {
  const { origin, pathname } = new URL(resource);
  return `${origin}${WELL_KNOWN}${pathname}`;
}

/** The API with its document beside it: `resource` is its URL, below which `answer` is asked. */
export function described({ issuer, origin, resource, name, scopes, answer }) {
  const { pathname: own } = new URL(resource);
  const { pathname: place } = new URL(placeOf(resource));
  const document = JSON.stringify({
    resource,
    authorization_servers: [issuer],
    scopes_supported: scopes,
    bearer_methods_supported: ['header'],
    resource_name: name,
  });
  const isOwn = (pathname) => pathname === own || pathname.startsWith(`${own}/`);
  return {
    covers: (pathname) => isOwn(pathname) || pathname === place,
    answer(request, response, pathname) {
      if (pathname !== place) return answer(request, response, pathname);
      response.writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': origin, vary: 'Origin', 'cache-control': 'no-store' }).end(document);
    },
  };
}
