// The client for tests behaves as the real one does, in Jest and with its clock.
import { afterEach, beforeEach, describe, jest, test } from '@jest/globals';
import { behaviours } from './behaviour/index.js';
import { mockWorld } from './behaviour/mock-world.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const world = mockWorld((seconds) => jest.advanceTimersByTimeAsync(seconds * 1000));
for (const [topic, all] of Object.entries(behaviours)) {
  describe(topic, () => {
    for (const [name, behaviour] of Object.entries(all)) test(name, () => behaviour(world));
  });
}
