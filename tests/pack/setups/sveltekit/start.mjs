import { handler } from './build/handler.js';
import { serve } from './serve.mjs';

serve(handler);
