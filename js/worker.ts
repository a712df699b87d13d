// Keeps refresh tokens out of the page's reach. Whatever the page wants of the token endpoint goes through this worker, which
// hands over a name in place of each refresh token, and puts the token back where the page sends its name. It makes the
// requests by itself, and hands over what it knows of their answers: a page that could choose where a token goes, or see all
// of what comes back, could have it.

/** Where requests go, as the client's metadata says. */
export interface Endpoints {
  readonly token: string;
  readonly revocation: string | undefined;
}

/** What crosses: the form of a request. */
export interface WorkerRequest {
  readonly endpoint: keyof Endpoints;
  readonly form: string;
}

/** The status of an answer, and what its JSON says. */
export interface WorkerResponse {
  readonly status: number;
  readonly members?: Readonly<Record<string, unknown>>;
}

/** From the page: where requests go, a request, or, with neither, the question whether the worker runs. */
export interface WorkerMessage {
  readonly endpoints?: Endpoints;
  readonly request?: WorkerRequest;
}

/** Between workers: the one that has a token sends the request of another one that has only its name. */
type PeerMessage = { ask: string; request: WorkerRequest } | { answer: string; reply: WorkerResponse | undefined };

/** What a token endpoint answers (RFC 6749 §5.1 and §5.2, OpenID Connect Core §3.1.3.3). */
const MEMBERS = ['access_token', 'token_type', 'expires_in', 'refresh_token', 'scope', 'id_token', 'error', 'error_description', 'error_uri'];
/** Refresh tokens by the name that the page has for each. */
const storedTokens = new Map<string, string>();
const channel = new BroadcastChannel('scopewise:worker');
const asked = new Map<string, (reply?: WorkerResponse) => void>();
/** How long the worker of another tab may take, milliseconds. */
const PEER_TIMEOUT = 10_000;
/** Longer bodies are no answer, bytes. */
const MAX_BODY = 1 << 20;

let endpoints: Endpoints | undefined;

addEventListener('message', async ({ data, ports: [port] }: MessageEvent<WorkerMessage>) => {
  if (data.endpoints) learn(data.endpoints);
  port?.postMessage(data.request ? await run(data.request).catch(() => undefined) : { status: 204 });
});

channel.addEventListener('message', async ({ data }: MessageEvent<PeerMessage>) => {
  if ('answer' in data) return asked.get(data.answer)?.(data.reply);
  const [name] = sent(data.request);
  // This worker sends the request itself, so that the token stays here.
  if (name && storedTokens.has(name)) channel.postMessage({ answer: data.ask, reply: await send(data.request).catch(() => undefined) } satisfies PeerMessage);
});

/** The first word counts: no script of the page sends tokens elsewhere afterwards. A server may name its revocation endpoint later. */
function learn({ token, revocation }: Endpoints): void {
  const isAddition = endpoints?.token === token && !endpoints.revocation && revocation && new URL(revocation).origin === new URL(token).origin;
  if (!endpoints || isAddition) endpoints = { token, revocation };
}

async function run(request: WorkerRequest): Promise<WorkerResponse | undefined> {
  const [name] = sent(request);
  return name && !storedTokens.has(name) ? askOthers(request) : send(request);
}

/** The name of a refresh token that a request sends, and the parameter that has it. */
function sent({ form }: WorkerRequest): [name?: string, parameter?: string] {
  const parameters = new URLSearchParams(form);
  for (const parameter of ['refresh_token', 'token']) {
    const name = parameters.get(parameter);
    if (name?.startsWith('worker:')) return [name, parameter];
  }
  return [];
}

function askOthers(request: WorkerRequest): Promise<WorkerResponse | undefined> {
  const ask = crypto.randomUUID();
  return new Promise<WorkerResponse | undefined>((resolve, reject) => {
    asked.set(ask, resolve);
    setTimeout(reject, PEER_TIMEOUT, new Error('no worker has the token'));
    channel.postMessage({ ask, request } satisfies PeerMessage);
  }).finally(() => asked.delete(ask));
}

/** The text of a body; nothing of one that is longer than any answer of a server, and no more than that is read. */
async function textOf({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (let part; reader && !(part = await reader.read()).done; text += decoder.decode(part.value, { stream: true })) {
    size += part.value.length;
    if (size > MAX_BODY) {
      reader.cancel().catch(() => {});
      return '';
    }
  }
  return text + decoder.decode();
}

/** The members of an answer that is a JSON object; nothing of any other. */
async function membersOf(response: Response): Promise<Record<string, unknown> | undefined> {
  const text = await textOf(response);
  if (!/^\s*application\/(.+\+)?json\s*(;|$)/i.test(response.headers.get('content-type') ?? '')) return undefined;
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
    return Object.fromEntries(Object.entries(answer).filter(([name]) => MEMBERS.includes(name)));
  } catch {
    return undefined;
  }
}

async function send(request: WorkerRequest): Promise<WorkerResponse> {
  const [name, parameter] = sent(request);
  const token = name === undefined ? undefined : storedTokens.get(name);
  const body = new URLSearchParams(request.form);
  if (token !== undefined) body.set(parameter!, token);
  const url = endpoints?.[request.endpoint];
  if (!url) throw new Error('no such endpoint');
  const response = await fetch(url, {
    method: 'POST', body, headers: { accept: 'application/json' }, cache: 'no-store', credentials: 'omit', redirect: 'manual', referrerPolicy: 'no-referrer',
  });
  const { status } = response;
  const members = await membersOf(response);
  // What becomes of a revocation is in its status.
  if (!members || request.endpoint === 'revocation') return { status };
  const { refresh_token: next, ...others } = members;
  const secrets = [token, next].filter((secret): secret is string => typeof secret === 'string' && secret !== '');
  const isClean = ([, value]: [string, unknown]) => !secrets.some((secret) => JSON.stringify(value).includes(JSON.stringify(secret).slice(1, -1)));
  const shown = Object.fromEntries(Object.entries(others).filter(isClean));
  if (typeof next !== 'string' || !next) return { status, members: { ...shown, ...('refresh_token' in members && { refresh_token: next }) } };
  const nextName = `worker:${crypto.randomUUID()}`;
  storedTokens.set(nextName, next);
  if (name !== undefined) storedTokens.delete(name);
  return { status, members: { ...shown, refresh_token: nextName } };
}
