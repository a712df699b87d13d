// The client for tests and the real one behave alike: each behaviour is shown on both, in a page.
import { behaviours } from '../../testing/behaviour/index.js';
import { expect, test } from '../fixtures.js';
import { bundled } from './bundle.js';

for (const which of ['mock', 'real'] as const) {
  for (const [topic, all] of Object.entries(behaviours)) {
    test(`${which} client: ${topic}`, async ({ page, bareSite }) => {
      await page.clock.install();
      await page.exposeFunction('tick', (seconds: number) => page.clock.runFor(seconds * 1000));
      await page.goto(`${bareSite}/app/`);
      await page.addScriptTag({ type: 'module', content: await bundled('browser.ts') });
      await page.waitForFunction(() => 'behave' in globalThis);
      for (const name of Object.keys(all)) {
        const came = page.evaluate(([which, topic, name]) => (globalThis as any).behave(which, topic, name).then(() => 'so', (error: Error) => `${error.stack}`), [which, topic, name] as const);
        expect.soft(await came, name).toBe('so');
      }
    });
  }
}
