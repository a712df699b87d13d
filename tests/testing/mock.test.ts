// The client for tests behaves as the real one does: in Node, jsdom and happy-dom, with Vitest's clock.
import { afterEach, beforeEach, describe, test, vi } from 'vitest';
import { behaviours } from './behaviour/index.js';
import { mockWorld } from './behaviour/mock-world.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const world = mockWorld(async (seconds) => void (await vi.advanceTimersByTimeAsync(seconds * 1000)));
for (const [topic, all] of Object.entries(behaviours)) {
  describe(topic, () => {
    for (const [name, behaviour] of Object.entries(all)) test(name, () => behaviour(world));
  });
}
