// Which timers a page set, and which of them ran out. Unlike the time that passes, that is the same on any machine.
import type { App } from './app.js';

export interface Timers {
  /** What each was set to, in milliseconds. */
  readonly set: number[];
  readonly ranOut: number[];
}

/** For the page itself, by `evaluate` or `addInitScript`: from now on it notes its timers. */
export function noteTimers(): void {
  const timers: Timers = ((globalThis as any).timers = { set: [], ranOut: [] });
  for (const name of ['setTimeout', 'setInterval'] as const) {
    const start: any = globalThis[name];
    (globalThis as any)[name] = (work: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => {
      timers.set.push(ms);
      return start(() => {
        timers.ranOut.push(ms);
        work(...args);
      }, ms);
    };
  }
}

/** The timers that a page has noted. */
export const timers = (app: App): Promise<Timers> => app.page.evaluate(() => (globalThis as any).timers);

/** How often the client looks whether the storage shows what another tab wrote, milliseconds. */
const LOOK_INTERVAL = 5;

/** The timers that ran out, but for those that only look again: what was waited for to the end. */
export const waits = async (app: App): Promise<number[]> => (await timers(app)).ranOut.filter((ms) => ms > LOOK_INTERVAL);
