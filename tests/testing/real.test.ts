// The real client over the server for tests, in jsdom and happy-dom.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, test, vi } from 'vitest';
import { init } from 'scopewise';
import { patchTestPage } from 'scopewise/testing';
import { behaviours } from './behaviour/index.js';
import { realWorld } from './behaviour/real-world.js';

beforeAll(async () => {
  patchTestPage();
  await init(await readFile(join(import.meta.dirname, '../../pkg/scopewise_bg.wasm')));
});
beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: true }));
afterEach(() => void vi.useRealTimers());

const world = realWorld(async (seconds) => void (await vi.advanceTimersByTimeAsync(seconds * 1000)));
for (const [topic, some] of Object.entries(behaviours)) {
  describe(topic, () => {
    for (const [name, behaviour] of Object.entries(some)) test(name, () => behaviour(world));
  });
}
