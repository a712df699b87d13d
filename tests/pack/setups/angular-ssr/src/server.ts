import { AngularNodeAppEngine, createNodeRequestHandler, writeResponseToNodeResponse } from '@angular/ssr/node';

const engine = new AngularNodeAppEngine();

export const reqHandler = createNodeRequestHandler(async (request, response) => {
  const rendered = await engine.handle(request);
  if (rendered) return writeResponseToNodeResponse(rendered, response);
  response.writeHead(404).end('there is no such page');
});
