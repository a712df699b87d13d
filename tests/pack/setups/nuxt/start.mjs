import { serve } from './lib/serve.mjs';
import { listener } from './.output/server/index.mjs';

serve(listener, '.output/public');
