/** Looks at a set-up as a support engineer would, from the page that uses it, without signing anybody in; and at a client, in the page. */

import { Endpoints } from './inspector/endpoints.js';
import { checkPage } from './inspector/page.js';
import { checkRedirectUri } from './inspector/redirect.js';
import type { DiagnoseOptions, Finding } from './inspector/types.js';

export type * from './inspector/types.js';
export { defineInspector, type ScopewiseInspector } from './inspector/element.js';

/**
 * Checks a client's options, the page that it is called in, and the server: one finding for each check, problems first. It never rejects for what it finds.
 * It reads the server's metadata, sends a code and tokens that are none to the endpoints that the client uses, to see whether the page may read their
 * answers, and loads the page at the redirect URI once, in a hidden frame, with an answer that belongs to nobody. In a page only.
 */
export async function diagnose(options: DiagnoseOptions): Promise<readonly Finding[]> {
  if (typeof document === 'undefined') throw new TypeError('diagnose is for pages: call it in a browser.');
  if (!options.issuer && !options.metadata) throw new TypeError('One of "issuer" and "metadata" is required.');
  const endpoints = new Endpoints(options);
  const parts = await Promise.all([checkPage(options), endpoints.check(), checkRedirectUri(options)]);
  endpoints.close();
  const order = ['error', 'warning', 'ok'];
  return parts.flat().sort((one, other) => order.indexOf(one.level) - order.indexOf(other.level));
}
