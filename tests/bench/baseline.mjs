// What a careful person writes by hand: authorization code with PKCE, a token cache, one refresh however many ask.
// What the benchmark measures others by. It knows one server and one tab, checks no signature, and upgrades nothing.
const text = new TextEncoder();
const base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const now = () => Date.now() / 1000;
const claimsOf = (jwt) => JSON.parse(atob(jwt.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')));

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
    async signIn(more) {
      const [state, nonce, verifier] = [random(), random(), random()];
      const digest = await crypto.subtle.digest('SHA-256', text.encode(verifier));
      sessionStorage.setItem(`sign-in:${state}`, JSON.stringify({ nonce, verifier }));
      location.assign(`${metadata.authorization_endpoint}?${new URLSearchParams({
        client_id: clientId, redirect_uri: redirectUri, response_type: 'code', scope, state, nonce,
        code_challenge: base64url(new Uint8Array(digest)), code_challenge_method: 'S256', ...more,
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
