// Jest in its ESM mode: in Node, and in jsdom. Each test is bundled by itself; the package is as it is installed.
import { fileURLToPath } from 'node:url';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const project = (name) => ({
  displayName: name, rootDir: at('.'), testMatch: ['<rootDir>/*.jest.ts'], testEnvironment: name, extensionsToTreatAsEsm: ['.ts'], transform: { '\\.ts$': at('jest-esbuild.mjs') },
  moduleNameMapper: { '^scopewise$': at('../../pkg/index.js'), '^scopewise/testing$': at('../../pkg/testing.js') },
});

export default { projects: ['node', 'jsdom'].map(project) };
