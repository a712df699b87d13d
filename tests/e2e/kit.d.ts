// What kit/kit.mjs puts into the page.
import type * as Scopewise from '../../pkg/index.js';
import type { Answer } from './app.js';

declare global {
  var kit: typeof Scopewise & {
    clients: Record<string, any>;
    settle(work: () => unknown): Promise<Answer<any>>;
    open(name: string, options: unknown): Promise<Answer>;
    call(name: string, method: string, ...args: any[]): Promise<Answer<any>>;
    generated: any;
    /** On a page that handles what lands on it by itself: what came of it. */
    answer?: Answer<any>;
  };
}
