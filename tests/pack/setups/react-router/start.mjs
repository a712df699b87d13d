import { createRequestListener } from '@react-router/node';
import * as build from './build/server/index.js';
import { serve } from './serve.mjs';

serve(createRequestListener({ build }), 'build/client');
