import { reqHandler } from './dist/app/server/server.mjs';
import { serve } from './serve.mjs';

const others = {
  '/made': () => String(performance.now()),
  '/api/mine': ({ headers }) => (headers.authorization?.startsWith('Bearer ') ? 'called with a token' : 'called without a token'),
};

serve((request, response) => (request.url in others ? response.end(others[request.url](request)) : reqHandler(request, response)), 'dist/app/browser');
