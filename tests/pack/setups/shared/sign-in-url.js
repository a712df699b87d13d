/** As far as a sign-in gets without a server: its URL. Pages that are to sign in are given another one's settings. */
export const options = globalThis.settings ?? {
  clientId: 'app',
  metadata: { issuer: 'https://id.example', authorization_endpoint: 'https://id.example/authorize', token_endpoint: 'https://id.example/token' },
  redirectUri: 'http://127.0.0.1/callback',
  scope: ['openid', 'profile'],
};

/** Where tokens live: "worker" also takes the package's other script. */
const storage = () => new URLSearchParams(globalThis.location?.search).get('storage') ?? 'session';

export async function signInUrl(createClient) {
  const client = await createClient({ ...options, storage: storage() });
  return client.authorizeUrl().url;
}

/** Leaves the URL, or the error, where the test looks for it. */
export async function show(createClient) {
  const shown = await signInUrl(createClient).catch((error) => `${error.code ?? error.name}: ${error.message}`);
  document.documentElement.dataset.shown = shown;
}
