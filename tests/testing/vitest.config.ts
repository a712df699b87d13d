import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const pkg = (name: string) => fileURLToPath(new URL(`../../pkg/${name}.js`, import.meta.url));
const alias = [{ find: /^scopewise$/, replacement: pkg('index') }, { find: /^scopewise\/testing$/, replacement: pkg('testing') }];
/** As an installed package is: it is not transformed. */
const server = { deps: { external: [/\/pkg\//] } };
const project = (environment: string) => ({ resolve: { alias }, test: { name: environment, environment, server, include: ['*.test.ts'], exclude: environment === 'node' ? ['real.test.ts'] : [], root: fileURLToPath(new URL('.', import.meta.url)) } });

export default defineConfig({ test: { projects: ['node', 'jsdom', 'happy-dom'].map(project), reporters: ['dot'] } });
