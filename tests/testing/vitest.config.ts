import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
// @ts-ignore: plain JavaScript
import { alias as paths } from './docs.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const alias = Object.entries(paths as Record<string, string>).map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement }));
/** As an installed package is: it is not transformed. */
const server = { deps: { external: [/\/pkg\//] } };
/** What hangs ends with it, and nothing else does: it is for machines that have much else to do. */
const testTimeout = 120_000;
const project = (environment: string) => ({
  resolve: { alias }, test: { name: environment, environment, server, testTimeout, include: ['*.test.ts'], exclude: environment === 'node' ? ['real.test.ts', 'alike.test.ts'] : environment === 'jsdom' ? ['alike.test.ts'] : [], root: here },
});
/** The files of docs/testing.md, where run.mjs has put them, say themselves in what they run. */
const docs = { test: { name: 'docs', server, testTimeout, include: ['**/*.test.{ts,tsx}'], root: process.env['SCOPEWISE_DOCS']! } };

export default defineConfig({ test: { projects: [...['node', 'jsdom', 'happy-dom'].map(project), docs], reporters: ['dot'] } });
