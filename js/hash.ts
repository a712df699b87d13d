import { invalidOptions } from './error.js';

const HASH = /^sha(256-[a-z\d+/]{43}=|384-[a-z\d+/]{64}|512-[a-z\d+/]{86}==)(\?[!-~]*)?$/i;

/** Those hashes of integrity metadata (Subresource Integrity) that count: one of the strongest algorithm will do. */
export function strongest(integrity: unknown): string[] {
  const all = typeof integrity === 'string' ? integrity.split(/[ \t\n\f\r]+/).filter((one) => one) : [];
  if (all.length === 0 || !all.every((one) => HASH.test(one))) {
    throw invalidOptions('"integrity" must be a hash such as "sha384-…" with the base64 of SHA-256, SHA-384 or SHA-512, or several separated by spaces.');
  }
  const algorithm = all.map((one) => one.slice(0, 6)).sort().at(-1)!;
  return all.filter((one) => one.startsWith(algorithm)).map((one) => one.split('?')[0]!);
}

/** The hash of bytes by the algorithm of another one. */
export async function hashLike(hash: string, bytes: BufferSource): Promise<string> {
  const digest = await crypto.subtle.digest(`SHA-${hash.slice(3, 6)}`, bytes);
  return hash.slice(0, 7) + btoa(String.fromCharCode(...new Uint8Array(digest)));
}
