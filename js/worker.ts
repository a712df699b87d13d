// Keeps refresh tokens out of the page's reach. Whatever the page wants of the token endpoint goes through this worker, which
// hands over a name in place of each refresh token, and puts the token back where the page sends its name.

/** What crosses: a request without what cannot be copied, and its response. */
export interface Errand {
  readonly url: string;
  readonly init: RequestInit;
}

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Between workers: who has a token answers for those who know its name. */
type Word = { ask: string; errand: Errand } | { answer: string; reply: Reply | undefined };

interface Kept {
  readonly token: string;
  /** It came from there, and goes nowhere else but to other endpoints of the same server that revoke it. */
  readonly url: string;
}

const kept = new Map<string, Kept>();
const channel = new BroadcastChannel('scopewise:worker');
const asked = new Map<string, (reply?: Reply) => void>();
/** How long the worker of another tab may take, milliseconds. */
const PATIENCE = 10_000;

addEventListener('message', async ({ data, ports: [port] }: MessageEvent<Errand>) => {
  port!.postMessage(await run(data).catch(() => undefined));
});

channel.addEventListener('message', async ({ data }: MessageEvent<Word>) => {
  if ('answer' in data) return asked.get(data.answer)?.(data.reply);
  const [name] = sent(data.errand);
  // It goes out from here: the token does not leave.
  if (name && kept.has(name)) channel.postMessage({ answer: data.ask, reply: await send(data.errand).catch(() => undefined) } satisfies Word);
});

async function run(errand: Errand): Promise<Reply | undefined> {
  // Somebody wants to know whether it runs.
  if (!errand.url) return { status: 204, type: '', text: '' };
  const [name] = sent(errand);
  return name && !kept.has(name) ? askOthers(errand) : send(errand);
}

/** The name of a refresh token that an errand sends, and the parameter that has it. */
function sent({ init }: Errand): [name?: string, parameter?: string] {
  const form = new URLSearchParams(init.body as string | undefined);
  for (const parameter of ['refresh_token', 'token']) {
    const name = form.get(parameter);
    if (name?.startsWith('worker:')) return [name, parameter];
  }
  return [];
}

function askOthers(errand: Errand): Promise<Reply | undefined> {
  const ask = crypto.randomUUID();
  return new Promise<Reply | undefined>((resolve, reject) => {
    asked.set(ask, resolve);
    setTimeout(reject, PATIENCE, new Error('no worker has the token'));
    channel.postMessage({ ask, errand } satisfies Word);
  }).finally(() => asked.delete(ask));
}

async function send({ url, init }: Errand): Promise<Reply> {
  const [name, parameter] = sent({ url, init });
  const mine = name === undefined ? undefined : kept.get(name);
  const body = new URLSearchParams(init.body as string | undefined);
  if (mine) {
    const isItsOwn = parameter === 'refresh_token' ? mine.url === url : new URL(mine.url).origin === new URL(url).origin;
    if (!isItsOwn) throw new Error('not for this URL');
    body.set(parameter!, mine.token);
  }
  const response = await fetch(url, mine ? { ...init, body: String(body) } : init);
  const text = await response.text();
  const reply = { status: response.status, type: response.headers.get('content-type') ?? '' };
  let answer: any;
  try {
    answer = JSON.parse(text);
  } catch {
    return { ...reply, text };
  }
  if (typeof answer?.refresh_token !== 'string' || !answer.refresh_token) return { ...reply, text };
  const next = `worker:${crypto.randomUUID()}`;
  kept.set(next, { token: answer.refresh_token, url });
  if (name !== undefined) kept.delete(name);
  return { ...reply, text: JSON.stringify({ ...answer, refresh_token: next }) };
}
