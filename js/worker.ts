// Keeps refresh tokens out of the page's reach. Whatever the page wants of the token endpoint goes through this worker, which
// hands over a name in place of each refresh token, and puts the token back where the page sends its name. It makes the
// requests by itself, and hands over what it knows of their answers: a page that could choose where a token goes, or see all
// of what comes back, could have it. The key that tokens are bound to is here, too, and signs what the page wants signed.
import { hasKey, isSomewhere, ownKey, sign, type PublicKey } from './worker-key.js';

/** Where requests go, as the client's metadata says. */
export interface Endpoints {
  readonly token: string;
  readonly revocation: string | undefined;
}

/** What crosses: the form of a request. */
export interface WorkerRequest {
  readonly endpoint: keyof Endpoints;
  readonly form: string;
  /** `DPoP` (RFC 9449 §4). */
  readonly proof?: string;
}

/** The status of an answer, and the JSON text of what it says. */
export interface WorkerResponse {
  readonly status: number;
  readonly json?: string;
  /** `DPoP-Nonce` (RFC 9449 §8). */
  readonly nonce?: string;
}

/** What a worker does for its page, and for the workers of other tabs where it has what that takes: sends a request, has a key (the one with this `x`, where it says one), signs. */
export type Task = { readonly request: WorkerRequest } | { readonly key: { readonly x?: string } } | { readonly sign: { readonly x: string; readonly text: string } };

export type Reply = WorkerResponse | PublicKey | Uint8Array | undefined;

/** From the page: where requests go, the names of the refresh tokens that its session has, something to do, or, with none of these, the question whether the worker runs. */
export interface WorkerMessage {
  readonly endpoints?: Endpoints;
  readonly held?: readonly string[];
  readonly task?: Task;
}

/** Between workers: the one that has a token or a key does what another one cannot. */
type PeerMessage = { ask: string; task: Task } | { answer: string; reply: Reply };

/** What a token endpoint answers (RFC 6749 §5.1 and §5.2, RFC 9396 §7, OpenID Connect Core §3.1.3.3). */
const MEMBERS = ['access_token', 'token_type', 'expires_in', 'refresh_token', 'scope', 'authorization_details', 'id_token', 'error', 'error_description', 'error_uri'];
/** Refresh tokens by the name that the page has for each. */
const storedTokens = new Map<string, string>();
const channel = new BroadcastChannel('scopewise:worker');
const asked = new Map<string, (reply: Reply) => void>();
/** How long the worker of another tab may take, milliseconds. */
const PEER_TIMEOUT = 10_000;
/** How long a token that no session has is kept: its revocation may be on its way, or it has just come and is not stored yet. Milliseconds. */
const FORGET_AFTER = 60_000;
/** Longer bodies are no answer, bytes. */
const MAX_BODY = 1 << 20;

let endpoints: Endpoints | undefined;
/** What the page's session has. */
let held: readonly string[] = [];

addEventListener('message', async ({ data, ports: [port] }: MessageEvent<WorkerMessage>) => {
  if (data.endpoints) learn(data.endpoints);
  if (data.held) hold(data.held);
  port?.postMessage(data.task ? await run(data.task).catch(() => undefined) : { status: 204 });
});

channel.addEventListener('message', async ({ data }: MessageEvent<PeerMessage>) => {
  if ('answer' in data) return asked.get(data.answer)?.(data.reply);
  // What it takes stays here.
  if (holds(data.task)) channel.postMessage({ answer: data.ask, reply: await carryOut(data.task).catch(() => undefined) } satisfies PeerMessage);
});

/** The first word counts: no script of the page sends tokens elsewhere afterwards. A server may name its revocation endpoint later. */
function learn({ token, revocation }: Endpoints): void {
  const isAddition = endpoints?.token === token && !endpoints.revocation && revocation && new URL(revocation).origin === new URL(token).origin;
  if (!endpoints || isAddition) endpoints = { token, revocation };
}

/** Others than these are forgotten, unless the session has them by then. */
function hold(names: readonly string[]): void {
  held = names;
  for (const name of storedTokens.keys()) {
    if (!held.includes(name)) setTimeout(() => void (held.includes(name) || storedTokens.delete(name)), FORGET_AFTER);
  }
}

async function run(task: Task): Promise<Reply> {
  if (has(task) !== false) return carryOut(task);
  const x = keyOf(task);
  return x === undefined || await isSomewhere(x) ? askOthers(task) : undefined;
}

/** Whether the token or the key is here that a task takes; nothing where it takes none. */
function has(task: Task): boolean | undefined {
  const x = keyOf(task);
  if (x !== undefined) return hasKey(x);
  const named = 'request' in task ? namedToken(task.request) : undefined;
  return named && storedTokens.has(named.name);
}

/** The same for what another worker, or any script of the origin, sent: it may be anything. */
function holds(task: Task): boolean {
  try {
    return has(task) === true;
  } catch {
    return false;
  }
}

const keyOf = (task: Task): string | undefined => ('key' in task ? task.key.x : 'sign' in task ? task.sign.x : undefined);

function carryOut(task: Task): Promise<Reply> {
  if ('request' in task) return send(task.request);
  return 'key' in task ? ownKey() : sign(task.sign.text);
}

/** The name of a refresh token that a request sends in place of it, and the parameter that has it. */
function namedToken({ form }: WorkerRequest): { readonly name: string; readonly parameter: string } | undefined {
  const parameters = new URLSearchParams(form);
  for (const parameter of ['refresh_token', 'token']) {
    const name = parameters.get(parameter);
    if (name?.startsWith('worker:')) return { name, parameter };
  }
  return undefined;
}

function askOthers(task: Task): Promise<Reply> {
  const ask = crypto.randomUUID();
  return new Promise<Reply>((resolve, reject) => {
    asked.set(ask, resolve);
    setTimeout(reject, PEER_TIMEOUT, new Error('no worker has the token'));
    channel.postMessage({ ask, task } satisfies PeerMessage);
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
  const named = namedToken(request);
  const token = named && storedTokens.get(named.name);
  const body = new URLSearchParams(request.form);
  if (named && token !== undefined) body.set(named.parameter, token);
  // Whoever knows its name gets no more for a token that is given up, whatever becomes of the revocation.
  if (named && request.endpoint === 'revocation') storedTokens.delete(named.name);
  const url = endpoints?.[request.endpoint];
  if (!url) throw new Error('no such endpoint');
  const response = await fetch(url, {
    method: 'POST', body, headers: { accept: 'application/json', ...(request.proof && { dpop: request.proof }) }, cache: 'no-store', credentials: 'omit', redirect: 'manual', referrerPolicy: 'no-referrer',
  });
  const nonce = response.headers.get('dpop-nonce');
  const told = { status: response.status, ...(nonce !== null && { nonce }) };
  const members = await membersOf(response);
  // What becomes of a revocation is in its status.
  if (!members || request.endpoint === 'revocation') return told;
  const { refresh_token: next, ...others } = members;
  const secrets = [token, next].filter((secret): secret is string => typeof secret === 'string' && secret !== '');
  const isClean = ([, value]: [string, unknown]) => !secrets.some((secret) => JSON.stringify(value).includes(JSON.stringify(secret).slice(1, -1)));
  const shown = Object.fromEntries(Object.entries(others).filter(isClean));
  const answer = (more: object): WorkerResponse => ({ ...told, json: JSON.stringify({ ...shown, ...more }) });
  if (typeof next !== 'string' || !next) return answer('refresh_token' in members ? { refresh_token: next } : {});
  const nextName = `worker:${crypto.randomUUID()}`;
  storedTokens.set(nextName, next);
  if (named) storedTokens.delete(named.name);
  return answer({ refresh_token: nextName });
}
