import type { DiagnoseOptions, Finding } from './types.js';

/** The shortest module there is: "\0asm" and its version. */
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

/** What the page itself can do. */
export async function checkPage(options: DiagnoseOptions): Promise<Finding[]> {
  return [secureContext(options), await webAssembly(), storage(options), locks(options), channel(), framed(), await openerPolicy()];
}

function secureContext({ verifySignature, dpop }: DiagnoseOptions): Finding {
  if (globalThis.isSecureContext) return { id: 'secure-context', level: 'ok', title: 'The page is a secure context.' };
  const needs = [verifySignature && 'verifySignature', dpop && 'dpop'].filter(Boolean).join(' and ');
  const title = `The page is no secure context, so there is no WebCrypto${needs && `, which ${needs} needs`}, and there are no Web Locks.`;
  return { id: 'secure-context', level: needs ? 'error' : 'warning', title, advice: 'Serve the page by https, or on http://localhost.' };
}

async function webAssembly(): Promise<Finding> {
  try {
    await WebAssembly.compile(EMPTY_MODULE);
    return { id: 'wasm', level: 'ok', title: 'The page may run WebAssembly.' };
  } catch {
    return { id: 'wasm', level: 'error', title: "The page's Content Security Policy forbids WebAssembly.", advice: "Add 'wasm-unsafe-eval' to script-src in the policy of this page." };
  }
}

/** Sign-in by redirect keeps its request in Web Storage, whatever has the tokens. */
function storage({ storage }: DiagnoseOptions): Finding {
  const area = storage === 'local' ? 'localStorage' : 'sessionStorage';
  if (storage === 'indexeddb' && !globalThis.indexedDB) {
    return { id: 'storage', level: 'error', title: 'The page has no IndexedDB, and "storage" is "indexeddb".', advice: 'Choose another `storage`, or allow storage for this site in the browser.' };
  }
  try {
    const key = `scopewise:diagnose:${Math.random()}`;
    globalThis[area].setItem(key, '1');
    globalThis[area].removeItem(key);
    return { id: 'storage', level: 'ok', title: `The page may use ${area}.` };
  } catch {
    const advice = 'Allow storage for this site in the browser; a frame with the attribute `sandbox` needs `allow-same-origin`. Without it, only popups can sign in.';
    return { id: 'storage', level: 'error', title: `The page may not use ${area}: nobody can sign in by a redirect.`, advice };
  }
}

function locks({ storage }: DiagnoseOptions): Finding {
  if (globalThis.navigator.locks) return { id: 'locks', level: 'ok', title: 'The page has Web Locks, so that tabs renew a token once.' };
  const isAlone = storage === 'memory';
  const advice = 'Serve the page by https, or on http://localhost. With storage "memory" tokens are renewed without them.';
  return { id: 'locks', level: isAlone ? 'ok' : 'warning', title: 'The page has no Web Locks.', ...(!isAlone && { advice }) };
}

function channel(): Finding {
  if (typeof BroadcastChannel !== 'undefined') return { id: 'channel', level: 'ok', title: 'The page has BroadcastChannel, by which popups and frames answer.' };
  return { id: 'channel', level: 'error', title: 'The page has no BroadcastChannel: no popup or hidden frame can answer.', advice: 'Use a browser that has it, or sign in by redirects only.' };
}

function framed(): Finding {
  if (window.top === window) return { id: 'framed', level: 'ok', title: 'The page is in no frame.' };
  return { id: 'framed', level: 'warning', title: 'The page is in a frame: it can neither leave for the server nor ask silently.', advice: 'Use mode "popup" here, or open the page by itself.' };
}

/** Cuts the tie to popups, so that one which is closed is noticed late. */
async function openerPolicy(): Promise<Finding> {
  const policy = await fetch(location.href, { method: 'HEAD' }).then(({ headers }) => headers.get('cross-origin-opener-policy'), () => null);
  if (!policy?.startsWith('same-origin') || policy.startsWith('same-origin-allow-popups')) {
    return { id: 'opener-policy', level: 'ok', title: 'The page keeps its tie to popups.' };
  }
  const title = `The page is served with Cross-Origin-Opener-Policy: ${policy}, so a popup that its user closes is noticed late.`;
  return { id: 'opener-policy', level: 'warning', title, advice: 'Send `Cross-Origin-Opener-Policy: same-origin-allow-popups` with this page.' };
}
