// Keeps refresh tokens out of the page's reach. Whatever the page wants of the token endpoint goes through this worker, which
// hands over a name in place of each refresh token, and puts the token back where the page sends its name.

/** What crosses: a request without what cannot be copied, and its response. */
export interface WorkerRequest {
  readonly url: string;
  readonly init: RequestInit;
}

export interface WorkerResponse {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Between workers: the one that has a token sends the request of another one that has only its name. */
type PeerMessage = { ask: string; request: WorkerRequest } | { answer: string; reply: WorkerResponse | undefined };

interface StoredToken {
  readonly token: string;
  /** The endpoint that gave it. It is sent there, and to be revoked to another endpoint of the same origin. */
  readonly url: string;
}

const storedTokens = new Map<string, StoredToken>();
const channel = new BroadcastChannel('scopewise:worker');
const asked = new Map<string, (reply?: WorkerResponse) => void>();
/** How long the worker of another tab may take, milliseconds. */
const PEER_TIMEOUT = 10_000;
/** The most bytes of an answer. */
const MAX_BODY = 1 << 20;

addEventListener('message', async ({ data, ports: [port] }: MessageEvent<WorkerRequest>) => {
  port!.postMessage(await run(data).catch(() => undefined));
});

channel.addEventListener('message', async ({ data }: MessageEvent<PeerMessage>) => {
  if ('answer' in data) return asked.get(data.answer)?.(data.reply);
  const [name] = sent(data.request);
  // This worker sends the request itself, so that the token stays here.
  if (name && storedTokens.has(name)) channel.postMessage({ answer: data.ask, reply: await send(data.request).catch(() => undefined) } satisfies PeerMessage);
});

async function run(request: WorkerRequest): Promise<WorkerResponse | undefined> {
  // A request without a URL asks whether the worker runs.
  if (!request.url) return { status: 204, type: '', text: '' };
  const [name] = sent(request);
  return name && !storedTokens.has(name) ? askOthers(request) : send(request);
}

/** The name of a refresh token that a request sends, and the parameter that has it. */
function sent({ init }: WorkerRequest): [name?: string, parameter?: string] {
  const form = new URLSearchParams(init.body as string | undefined);
  for (const parameter of ['refresh_token', 'token']) {
    const name = form.get(parameter);
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

async function send({ url, init }: WorkerRequest): Promise<WorkerResponse> {
  const [name, parameter] = sent({ url, init });
  const stored = name === undefined ? undefined : storedTokens.get(name);
  const body = new URLSearchParams(init.body as string | undefined);
  if (stored) {
    const isItsOwn = parameter === 'refresh_token' ? stored.url === url : new URL(stored.url).origin === new URL(url).origin;
    if (!isItsOwn) throw new Error('not for this URL');
    body.set(parameter!, stored.token);
  }
  const response = await fetch(url, stored ? { ...init, body: String(body) } : init);
  const text = await textOf(response);
  const reply = { status: response.status, type: response.headers.get('content-type') ?? '' };
  let answer: any;
  try {
    answer = JSON.parse(text);
  } catch {
    return { ...reply, text };
  }
  if (typeof answer?.refresh_token !== 'string' || !answer.refresh_token) return { ...reply, text };
  const next = `worker:${crypto.randomUUID()}`;
  storedTokens.set(next, { token: answer.refresh_token, url });
  if (name !== undefined) storedTokens.delete(name);
  return { ...reply, text: JSON.stringify({ ...answer, refresh_token: next }) };
}
