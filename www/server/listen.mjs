// A server on a loopback port, the wanted one or one of the next.
import { createServer } from 'node:http';

const ATTEMPTS = 50;

/** Resolves once the port is held. What answers is set later, when both ports, and so both origins, are known. */
export async function listen(wanted, strict) {
  let answer = (request, response) => response.writeHead(503).end();
  const server = createServer(async (request, response) => {
    try {
      await answer(request, response);
    } catch (error) {
      console.error(error);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end('Something went wrong on the server.');
    }
  });
  const port = await firstFree(server, wanted, strict || wanted === 0 ? 1 : ATTEMPTS);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    answer(next) { answer = next; },
    close: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

async function firstFree(server, wanted, attempts) {
  for (let port = wanted; port < wanted + attempts && port <= 65535; port += 1) {
    try {
      return await bind(server, port);
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw new Error(`Port ${port} cannot be used: ${error.code ?? error.message}.`);
    }
  }
  throw new Error(attempts === 1
    ? `Port ${wanted} is taken. Choose another one, or leave out --strict.`
    : `No free port from ${wanted} to ${wanted + attempts - 1}.`);
}

function bind(server, port) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.removeListener('error', reject);
      resolve(server.address().port);
    });
  });
}
