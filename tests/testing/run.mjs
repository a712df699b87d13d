// Tests of scopewise/testing, in Node and in pages that are none: types, Vitest, Jest. Those in Chromium are in e2e/testing.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeDocs } from './docs.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const bin = fileURLToPath(new URL('../../node_modules/.bin/', import.meta.url));

// A folder of this run's own: others may be under way.
const { folder } = writeDocs(`testing-docs-${process.pid}`);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const compilerOptions = { paths: {} };
writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(here, 'tsconfig.json'), compilerOptions, include: ['.'], exclude: ['node_modules'] }));

/** Runs a tool of the npm packages; its failure is that of all. */
function run(tool, args, env = {}) {
  const windows = process.platform === 'win32';
  const { status } = spawnSync(join(bin, windows ? `${tool}.cmd` : tool), args, {
    cwd: here, shell: windows, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, SCOPEWISE_DOCS: folder, ...env },
  });
  if (status !== 0) process.exit(status ?? 1);
}

run('tsc', ['-p', here]);
run('tsc', ['-p', folder]);
run('vitest', ['run', '--config', join(here, 'vitest.config.ts'), ...process.argv.slice(2)]);
// Its warning that ES modules are an experiment says nothing new.
run('jest', ['--config', join(here, 'jest.config.mjs')], { NODE_OPTIONS: '--experimental-vm-modules --no-warnings' });
