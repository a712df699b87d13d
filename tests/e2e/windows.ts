// Popups and frames: what users do in them, and what is left of them afterwards.
import { expect, type BrowserContext, type Page } from '@playwright/test';
import type { Answer, App, More } from './app.js';
import { transactionRecords } from './records.js';

/** What a page has open: frames, and what runs or listens. */
export interface Open {
  readonly frames: number;
  readonly channels: number;
  readonly listeners: number;
  readonly timers: number;
}

export const NOTHING: Open = { frames: 0, channels: 0, listeners: 0, timers: 0 };

/** From now on the application's page counts what it has open, and its callback page handles what lands there. */
export async function watched(app: App, more: More = {}, path?: string): Promise<App> {
  await landsItself(app.page.context(), app, more);
  await app.page.addInitScript(countOpen);
  return app.goto(path);
}

/** Every callback page of a context opens a client, and has it handle the response in its URL. */
export async function landsItself(context: BrowserContext, app: App, more: More = {}): Promise<void> {
  await context.addInitScript((options) => {
    if (location.pathname === '/cb') (globalThis as any).landing = options;
  }, app.options(more));
}

function countOpen(): void {
  const channels = new Set<BroadcastChannel>();
  const listeners = new Set<object>();
  const timers = new Map<unknown, number>();
  globalThis.BroadcastChannel = class extends BroadcastChannel {
    constructor(name: string) {
      super(name);
      channels.add(this);
    }

    override close() {
      channels.delete(this);
      super.close();
    }
  };
  const { addEventListener: add, removeEventListener: remove } = EventTarget.prototype;
  const targets = (target: unknown) => target === globalThis || target instanceof AbortSignal;
  const named = (target: unknown, type: string, listener: unknown) => [...listeners].find((one: any) => one.target === target && one.type === type && one.listener === listener)!;
  EventTarget.prototype.addEventListener = function (this: unknown, type: string, listener: any, options?: any) {
    const target = this ?? globalThis;
    if (targets(target)) {
      const entry = { target, type, listener };
      listeners.add(entry);
      if (options?.signal) add.call(options.signal, 'abort', () => void listeners.delete(entry));
    }
    add.call(target as EventTarget, type, listener, options);
  };
  EventTarget.prototype.removeEventListener = function (this: unknown, type: string, listener: any, options?: any) {
    const target = this ?? globalThis;
    listeners.delete(named(target, type, listener));
    remove.call(target as EventTarget, type, listener, options);
  };
  for (const [start, stops, again] of [['setTimeout', 'clearTimeout', false], ['setInterval', 'clearInterval', true]] as const) {
    const original: any = globalThis[start];
    (globalThis as any)[start] = (work: (...args: unknown[]) => void, ms: number, ...args: unknown[]) => {
      const id = original(() => {
        if (!again) timers.delete(id);
        work(...args);
      }, ms);
      timers.set(id, ms);
      return id;
    };
    const stop: any = globalThis[stops];
    (globalThis as any)[stops] = (id: unknown) => {
      timers.delete(id);
      stop(id);
    };
  }
  (globalThis as any).countOpen = () => {
    const rooms = [...channels].filter(({ name }) => name.endsWith('#')).length;
    const of = (event: string) => [...listeners].filter(({ type }: any) => type === event).length;
    const [ends, shows] = [of('pagehide'), of('pageshow')];
    // Nothing that a request needs takes a minute.
    const waits = [...timers.values()].filter((ms) => ms >= 60_000).length;
    return { frames: document.querySelectorAll('iframe').length, channels: channels.size - rooms, rooms, listeners: listeners.size - ends - shows, ends, shows, timers: timers.size - waits, waits };
  };
}

/** What the page has open besides what every client listens to: its channel, the room for copies of its tab, and what the browser tells its window; its store waits for the page's end and its return, and one timer for the session's end. */
export const open = (app: App): Promise<Open> => app.page.evaluate(() => {
  const clients = Object.keys(kit.clients).length;
  const { channels, rooms, listeners, ends, shows, waits, timers, ...more } = (globalThis as any).countOpen();
  const beyond = (count: number, each = 1) => Math.max(0, count - each * clients);
  return { channels: channels - clients + beyond(rooms), listeners: listeners - 2 * clients + beyond(ends) + beyond(shows, 2), timers: timers + beyond(waits), ...more };
});

/** A client that opens, or hears of others, looks into its storage for a moment. What is left behind lasts 10 s, the client's timeout, or for ever. */
export const expectNothingOpen = (app: App): Promise<void> => expect.poll(() => open(app), { timeout: 8_000 }).toEqual(NOTHING);

/** Nothing runs or listens any more, nothing is framed, and no request waits for an answer. */
export async function expectNothingLeft(app: App): Promise<void> {
  await expectNothingOpen(app);
  for (const storage of ['session', 'local'] as const) {
    const all = Object.entries(await transactionRecords(app.page, storage));
    const waiting = all.filter(([, { status, codeVerifier }]) => status !== 'done' || codeVerifier !== undefined);
    expect(waiting).toEqual([]);
  }
}

/** Makes a call that opens a popup: the popup, once the authorization server shows its page there, and what comes of the call. */
export async function popupOf(app: App, method: 'signIn' | 'upgrade', ...args: unknown[]): Promise<{ popup: Page; answer: Promise<Answer<any>> }> {
  const opened = app.page.waitForEvent('popup');
  const answer: Promise<Answer<any>> = app.call(method as 'signIn', ...(args as []));
  const popup = await opened;
  await popup.waitForURL(`${app.server.issuer}/authorize?*`);
  return { popup, answer };
}

/** What the user does next: their window goes to a URL, as a link on the server's page would lead it. */
export async function follow(window: Page, url: string): Promise<void> {
  await window.evaluate((url) => void (location.href = url), url);
}

/** Until the page has looked so often at its popup that it knows it at work. Its looks are as late as this one's. */
export const seenAtWork = (page: Page): Promise<void> => page.evaluate(() => new Promise<void>((done) => {
  let looks = 0;
  const timer = setInterval(() => {
    looks += 1;
    if (looks < 10) return;
    clearInterval(timer);
    done();
  }, 100);
}));

export const closed = (window: Page): Promise<void> => expect.poll(() => window.isClosed()).toBe(true);

/** Makes a call with an AbortSignal, which `stop` is to abort. */
export function abortable(app: App, method: string, ...args: unknown[]): Promise<Answer<any>> {
  return app.page.evaluate(([name, method, args]) => {
    const stop = ((globalThis as any).stop = new AbortController());
    const options = typeof args.at(-1) === 'object' ? args.pop() as object : {};
    return kit.call(name, method, ...args, { ...options, signal: stop.signal });
  }, [app.name, method, args] as const);
}

export const stop = (app: App): Promise<void> => app.page.evaluate(() => (globalThis as any).stop.abort());
