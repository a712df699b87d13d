// A whole life of a client in one page, with an authorization server that is a function of the page.
import { createClient, generated, init } from 'scopewise';

const ENDPOINT = '/kit/life.mjs';
const SCOPE = 'openid read:x offline_access';
const encoded = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
const base64url = (value) => encoded(new TextEncoder().encode(JSON.stringify(value)));
const soon = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

/** Takes each code and refresh token once, and knows which access tokens live. */
function provider() {
  const codes = new Map();
  const refreshTokens = new Map();
  const live = new Set();
  const wrongs = [];
  let issued = 0;
  let refuses = false;
  const json = (body, status = 200) => new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  const token = async (form) => {
    const [from, name] = form.get('grant_type') === 'refresh_token' ? [refreshTokens, 'refresh_token'] : [codes, 'code'];
    const asked = from.get(form.get(name));
    if (!asked) {
      wrongs.push(`${name} is unknown, or was sent twice`);
      return json({ error: 'invalid_grant' }, 400);
    }
    from.delete(form.get(name));
    const challenge = name === 'code' && encoded(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(form.get('code_verifier'))));
    if (challenge && challenge !== asked.get('code_challenge')) wrongs.push('another verifier');
    issued += 1;
    live.add(`access-${issued}`);
    refreshTokens.set(`refresh-${issued}`, asked);
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: location.origin, aud: 'app', sub: 'ada', iat: now, exp: now + 3600, nonce: asked.get('nonce') };
    return json({ access_token: `access-${issued}`, refresh_token: `refresh-${issued}`, token_type: 'Bearer', expires_in: 3600, scope: asked.get('scope'), id_token: `${base64url({ alg: 'RS256' })}.${base64url(claims)}.c2ln` });
  };
  const isLive = ({ headers }) => live.has(headers.get('authorization')?.replace('Bearer ', ''));
  return {
    wrongs, live,
    metadata: { issuer: location.origin, authorization_endpoint: location.origin + ENDPOINT, ...Object.fromEntries(['token', 'revocation', 'userinfo'].map((name) => [`${name}_endpoint`, `${location.origin}/${name}`])) },
    /** The next call of the API is refused, whatever its token. */
    refuseOnce() { refuses = true; },
    answer(url) {
      const query = new URL(url).searchParams;
      const code = `code-${(issued += 1)}`;
      codes.set(code, query);
      return `${query.get('redirect_uri')}?${new URLSearchParams({ code, state: query.get('state'), iss: location.origin })}`;
    },
    async fetch(input, init) {
      const request = new Request(input, init);
      const form = new URLSearchParams(request.method === 'POST' ? await request.text() : '');
      const { pathname } = new URL(request.url);
      if (pathname === '/token') return token(form);
      if (pathname === '/revocation') return new Response(null);
      const refused = refuses || !isLive(request);
      if (pathname === '/api') refuses = false;
      if (refused) return new Response(null, { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } });
      return json({ sub: 'ada' });
    },
  };
}

/** What leaves the page goes nowhere: the URL of the next navigation to the authorization endpoint. */
const left = () => new Promise((resolve) => {
  const note = (event) => {
    if (new URL(event.destination.url).pathname !== ENDPOINT) return;
    event.preventDefault();
    navigation.removeEventListener('navigate', note);
    resolve(event.destination.url);
  };
  navigation.addEventListener('navigate', note);
});

const popups = [];
const { open } = window;
window.open = (...args) => {
  const popup = open.apply(window, args);
  popups.push(popup);
  return popup;
};

/** The user says yes in the popup that was opened last. */
async function answerPopup(server) {
  const popup = popups.at(-1);
  while (popup && !popup.closed && !popup.location.search) await soon(1);
  if (!popup || popup.closed) return;
  const channel = new BroadcastChannel(`scopewise:${new URLSearchParams(popup.location.search).get('state')}`);
  channel.postMessage(server.answer(popup.location.href));
  channel.close();
}

/** What never ends is wrong as well. */
const inTime = (work) => Promise.race([work, soon(15_000).then(() => Promise.reject(new Error('never ends')))]);

/** One step after the other: the first that fails, and with what. */
async function live(server, storage, made) {
  const steps = {
    async createClient() { made.client = await createClient(made.options); },
    async signIn() {
      const url = left();
      made.url = server.answer(await Promise.race([url, made.client.signIn()]));
    },
    handleCallback: () => made.client.handleCallback(made.url),
    getAccessToken: () => made.client.getAccessToken({ forceRefresh: true }),
    async fetch() {
      server.refuseOnce();
      const { status } = await made.client.fetch('/api');
      if (status !== 200) throw new Error(`status ${status}`);
    },
    async upgrade() {
      const upgrade = made.client.upgrade('write:x', { mode: 'popup' });
      // It opens in the task of the click.
      void answerPopup(server);
      const { outcome } = await upgrade;
      if (outcome !== 'granted') throw new Error(outcome);
    },
    userInfo: () => made.client.userInfo(),
    signOut: () => made.client.signOut(),
    // Whatever runs when nobody waits for it any more.
    async after() {
      await soon(20);
      made.client.hasScope('read:x');
    },
  };
  made.options = { clientId: 'app', metadata: server.metadata, redirectUri: '/cb', scope: SCOPE, fetch: server.fetch, storage };
  for (const [name, step] of Object.entries(steps)) {
    try {
      await inTime(step());
    } catch (error) {
      return { step: name, code: error.code ?? String(error), wrong: error };
    }
  }
  return {};
}

const codeOf = async (call) => {
  try {
    await inTime(call());
    return 'none';
  } catch (error) {
    return error.code ?? String(error);
  }
};

async function heldLocks() {
  for (let turn = 0; turn < 200; turn += 1) {
    const { held, pending } = await navigator.locks.query();
    const ours = [...held, ...pending].map(({ name }) => name).filter((name) => name.startsWith('scopewise'));
    if (ours.length === 0) return [];
    if (turn === 199) return ours;
    await soon(10);
  }
}

/** What is wrong after a trap: every later call, the locks, and the next client. */
async function aftermath(server, { client, options }, refreshes) {
  const wrongs = [];
  const expect = (what, found, ...expected) => { if (!expected.includes(found)) wrongs.push(`${what}: ${found}`); };
  const later = {
    authorizeUrl: (one) => one.authorizeUrl(), signIn: (one) => one.signIn(), handleCallback: (one) => one.handleCallback(), getAccessToken: (one) => one.getAccessToken(), fetch: (one) => one.fetch('/api'),
    upgrade: (one) => one.upgrade('write:x'), userInfo: (one) => one.userInfo(), signOut: (one) => one.signOut(), hasScope: (one) => one.hasScope('read:x'), idToken: (one) => one.idToken(), prepare: (one) => one.prepare(),
  };
  if (client) for (const [name, call] of Object.entries(later)) expect(`later ${name}`, await codeOf(() => call(client)), 'instance_poisoned');
  expect('locks', (await heldLocks()).join(), '');
  const next = await createClient(options);
  if (next.session.signedIn) {
    expect('next user', next.session.claims?.sub, 'ada');
    expect('next token', await codeOf(async () => { if (!server.live.has(await next.getAccessToken())) throw new Error('a token that is none'); }), 'none');
    // An answer that may still come is waited for, so that this can take seconds.
    if (refreshes) expect('next refresh', await codeOf(() => next.getAccessToken({ forceRefresh: true })), 'none', 'token_response_lost');
  } else {
    expect('next token', await codeOf(() => next.getAccessToken()), 'not_signed_in');
  }
  expect('next sign-in', await codeOf(async () => {
    const { url } = next.authorizeUrl();
    await next.handleCallback(server.answer(url));
    await next.getAccessToken({ forceRefresh: true });
  }), 'none');
  expect('next sign-out', await codeOf(() => next.signOut({ local: true })), 'none');
  next.close();
  return [...wrongs, ...server.wrongs];
}

/** A life that is to trap somewhere: whether it did, and what was wrong then. The next client refreshes the token that it found, or not. */
export async function lifeWithTrap(storage, trapAt, refreshes) {
  const { counts } = generated;
  const server = provider();
  const made = {};
  // On an instance of its own, which calls all that it calls for the first time.
  if (generated.isLoaded()) generated.trap();
  await init();
  counts.imports.clear();
  counts.entries = 0;
  counts.trapAt = trapAt;
  const { step, code, wrong } = await live(server, storage, made);
  const isTrapped = trapAt !== undefined && counts.trapAt === undefined;
  counts.trapAt = undefined;
  const { entries } = counts;
  const imports = [...counts.imports];
  const wrongs = [];
  if (isTrapped) wrongs.push(...(code === 'instance_poisoned' ? [] : [`${step} ended with ${code} ${wrong?.stack}`]), ...await aftermath(server, made, refreshes));
  else if (step) wrongs.push(`${step} failed without a trap: ${code} ${wrong?.message}`);
  else made.client.close();
  for (const popup of popups.splice(0)) popup.close();
  sessionStorage.clear();
  localStorage.clear();
  return { isTrapped, entries, imports, step, wrongs };
}
