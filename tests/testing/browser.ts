// For a page: the behaviours, on either client. The page's clock is the test's.
import { behaviours } from './behaviour/index.js';
import { mockWorld } from './behaviour/mock-world.js';
import { realWorld } from './behaviour/real-world.js';

declare global {
  function tick(seconds: number): Promise<void>;
  var behave: (which: 'mock' | 'real', topic: string, name: string) => Promise<void>;
}

const worlds = { mock: mockWorld((seconds) => tick(seconds)), real: realWorld((seconds) => tick(seconds)) };
globalThis.behave = (which, topic, name) => behaviours[topic as keyof typeof behaviours][name]!(worlds[which]);
