// What a careful person writes by hand: authorization code with PKCE, a token cache, one refresh however many ask.
// The benchmark counts in it. It knows one server and one tab, checks no signature, and upgrades nothing.
const text = new TextEncoder();
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const now = () => Date.now() / 1000;
const claimsOf = (jwt) => JSON.parse(atob(jwt.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));

/** Fractional parts of the square (2) or cube (3) roots of the first primes (FIPS 180-4 §4.2.2, §5.3.3). */
const roots = (count, degree) => {
  const found = [];
  for (let n = 2; found.length < count; n += 1) {
    let isPrime = true;
    for (let d = 2; d * d <= n; d += 1) isPrime &&= n % d > 0;
    if (isPrime) found.push((n ** (1 / degree) * 2 ** 32) | 0);
  }
  return found;
};
const K = roots(64, 3);
const H = roots(8, 2);

/** SHA-256 of fewer than 56 bytes, so one block: a code verifier has 43. Synchronous, unlike crypto.subtle. */
export function sha256(bytes) {
  const block = new DataView(new ArrayBuffer(64));
  bytes.forEach((byte, at) => block.setUint8(at, byte));
  block.setUint8(bytes.length, 0x80);
  block.setUint32(60, bytes.length * 8);
  const w = Array.from({ length: 16 }, (_, at) => block.getInt32(at * 4));
  const turn = (x, n) => (x >>> n) | (x << (32 - n));
  let [a, b, c, d, e, f, g, h] = H;
  for (let i = 0; i < 64; i += 1) {
    if (i > 15) {
      const x = w[i - 15];
      const y = w[i - 2];
      w[i] = (w[i - 16] + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + w[i - 7] + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10))) | 0;
    }
    const t = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i];
    const u = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t) | 0, c, b, a, (t + u) | 0];
  }
  const digest = new DataView(new ArrayBuffer(32));
  [a, b, c, d, e, f, g, h].forEach((word, at) => digest.setInt32(at * 4, word + H[at]));
  return new Uint8Array(digest.buffer);
}

export function createClient({ metadata, clientId, redirectUri, scope }) {
  const key = `tokens:${clientId}`;
  let tokens = JSON.parse(sessionStorage.getItem(key));
  let refreshing;

  const request = async (form) => {
    const response = await fetch(metadata.token_endpoint, { method: 'POST', body: new URLSearchParams({ client_id: clientId, ...form }) });
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.error);
    tokens = { ...tokens, ...answer, expires: now() + answer.expires_in };
    sessionStorage.setItem(key, JSON.stringify(tokens));
    return tokens.access_token;
  };

  const refresh = () => (refreshing ??= request({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }).finally(() => (refreshing = undefined)));

  return {
    signIn(more) {
      const [state, nonce, verifier] = [random(), random(), random()];
      sessionStorage.setItem(`sign-in:${state}`, JSON.stringify({ nonce, verifier }));
      location.assign(`${metadata.authorization_endpoint}?${new URLSearchParams({
        client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope, state, nonce,
        code_challenge: base64url(sha256(text.encode(verifier))), code_challenge_method: 'S256', ...more,
      })}`);
    },

    async handleCallback() {
      const { code, state, iss, error } = Object.fromEntries(new URLSearchParams(location.search));
      history.replaceState(null, '', location.pathname);
      const asked = JSON.parse(sessionStorage.getItem(`sign-in:${state}`));
      sessionStorage.removeItem(`sign-in:${state}`);
      if (!asked || iss !== metadata.issuer) throw new Error('not an answer to a request of this page');
      if (error) throw new Error(error);
      await request({ grant_type: 'authorization_code', code, code_verifier: asked.verifier, redirect_uri: redirectUri });
      const claims = claimsOf(tokens.id_token);
      if (claims.nonce !== asked.nonce || claims.iss !== metadata.issuer || claims.aud !== clientId || claims.exp < now()) throw new Error('a wrong ID token');
    },

    getAccessToken: async () => (tokens.expires > now() + 30 ? tokens.access_token : refresh()),
    refresh,
  };
}
