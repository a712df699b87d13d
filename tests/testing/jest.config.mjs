// Jest in its ESM mode: in Node, and in jsdom. Each test is bundled by itself; the package is as it is installed.
import { fileURLToPath } from 'node:url';
import { alias } from './docs.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const moduleNameMapper = Object.fromEntries(Object.entries(alias).map(([name, path]) => [`^${name}$`, path]));
const project = (name) => ({
  displayName: name, rootDir: at('.'), testMatch: ['<rootDir>/*.jest.ts'], testEnvironment: name, extensionsToTreatAsEsm: ['.ts'], transform: { '\\.ts$': at('jest-esbuild.mjs') }, moduleNameMapper,
});
/** Those of docs/testing.md need no transform. */
const docs = { displayName: 'docs', rootDir: process.env.SCOPEWISE_DOCS, testMatch: ['<rootDir>/**/*.jest.js'], testEnvironment: 'node', transform: {} };

export default { projects: [...['node', 'jsdom'].map(project), docs] };
