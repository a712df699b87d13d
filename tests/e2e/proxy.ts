// A proxy in front of an authorization server's endpoints: it counts what comes, and fails as a test says.
import { request as ask, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './listen.js';

/** What goes wrong with a request, before or after the server has it. */
export const FAULTS = ['dropped before', 'dropped after', 'too late', 'truncated', 'HTML', '503', 'redirected'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Passing {
  readonly path: string;
  readonly form: URLSearchParams;
}

interface Reply {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export async function proxy(target: string) {
  const received: Passing[] = [];
  const proxied = {
    origin: '',
    received,
    /** What goes wrong with a request, if anything does. */
    fault: ((_passing: Passing) => undefined) as (passing: Passing) => Fault | undefined,
    /** Where the server does not get a request before this has resolved, and the page not its answer before that has. */
    before: ((_passing: Passing) => undefined) as (passing: Passing) => Promise<unknown> | undefined,
    after: ((_passing: Passing) => undefined) as (passing: Passing) => Promise<unknown> | undefined,

    /** The server's metadata, with all that pages fetch leading through here. */
    through(metadata: Record<string, unknown>): Record<string, unknown> {
      const moved = (name: string, value: unknown) => (/^(token|revocation|userinfo)_endpoint$/.test(name) ? String(value).replace(target, proxied.origin) : value);
      return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [name, moved(name, value)]));
    },

    /** Every value of a parameter that came, a value as often as it came. */
    sent: (name: string) => received.map(({ form }) => form.get(name)).filter((value) => value !== null),

    close: () => listening.close(),
  };

  const listening = await listen(async (request, response) => {
    const body = await bodyOf(request);
    const passing = { path: request.url ?? '', form: new URLSearchParams(String(body)) };
    if (request.method === 'OPTIONS') return send(response, await forward(target, request, body));
    received.push(passing);
    const fault = proxied.fault(passing);
    if (fault === 'dropped before') return drop(response);
    if (fault === 'HTML') return send(response, page(200, '<h1>hello</h1>'));
    if (fault === '503') return send(response, page(503, '<h1>down</h1>'));
    if (fault === 'redirected') return send(response, { status: 307, headers: { location: `${proxied.origin}/elsewhere` }, body: Buffer.alloc(0) });
    await proxied.before(passing);
    // Who has gone meanwhile asks for nothing any more.
    if (response.destroyed || request.socket.destroyed) return;
    const reply = await forward(target, request, body);
    await proxied.after(passing);
    if (fault === 'dropped after') return drop(response);
    if (fault === 'too late') await new Promise((resolve) => setTimeout(resolve, 3000));
    if (fault === 'truncated') return truncate(response, reply);
    send(response, reply);
  });
  proxied.origin = listening.origin;
  return proxied;
}

export type Proxy = Awaited<ReturnType<typeof proxy>>;

const page = (status: number, html: string): Reply => ({ status, headers: { 'content-type': 'text/html' }, body: Buffer.from(html) });

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function forward(target: string, request: IncomingMessage, body: Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { connection, ...headers } = request.headers;
    const passed = ask(`${target}${request.url}`, { method: request.method, headers, agent: false }, async (answer) => {
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: await bodyOf(answer) });
    });
    passed.once('error', reject).end(body);
  });
}

/** Connections are used once: on one that was used before, a browser sends a request again that got no answer at all. */
const head = ({ status, headers, body }: Reply) => {
  const { 'transfer-encoding': _, 'keep-alive': __, ...more } = headers;
  return [status, { 'access-control-allow-origin': '*', ...more, 'content-length': body.length, connection: 'close' }] as const;
};

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(...head(reply)).end(reply.body);
}

function truncate(response: ServerResponse, reply: Reply): void {
  response.writeHead(...head(reply)).write(reply.body.subarray(0, Math.floor(reply.body.length / 2)), () => response.destroy());
}

/** No more than the first line, so that the browser does not take it for a connection that was dead before. */
function drop({ socket }: ServerResponse): void {
  socket?.end('HTTP/1.1 200 OK\r\n');
}
