// A browser with its windows, driven by WebDriver (https://www.w3.org/TR/webdriver2/), which all engines have.
// @ts-ignore: plain JavaScript, which tests without TypeScript use too
import { capabilitiesOf, startDriver } from './drivers.mjs';

export type Engine = 'chromium' | 'firefox' | 'webkit';

export interface Wants {
  readonly isPrivate?: boolean;
  readonly blocksCookies?: boolean;
}

/** What a driver says went wrong. */
export class DriverError extends Error {
  constructor(readonly code: string, message: string) {
    super(`${code}: ${message}`);
  }
}

/** What a page that is about to change may answer. */
const PASSING = ['no such element', 'stale element reference', 'element not interactable', 'element click intercepted', 'javascript error', 'no such execution context', 'unknown error'];
const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const PATIENCE = 60_000;

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class Browser {
  #last: Promise<unknown> = Promise.resolve();
  #current: string | undefined;

  private constructor(readonly engine: Engine, readonly version: string, private readonly session: string, private readonly end: () => Promise<void>) {}

  static async start(engine: Engine, wants: Wants = {}): Promise<Browser> {
    const driver = await startDriver(engine);
    try {
      const { sessionId, capabilities } = await ask('POST', `${driver.url}/session`, { capabilities: { alwaysMatch: capabilitiesOf(engine, wants) } });
      return new Browser(engine, capabilities.browserVersion, `${driver.url}/session/${sessionId}`, driver.close);
    } catch (error) {
      await driver.close();
      throw error;
    }
  }

  /** The windows that are open. */
  async all(): Promise<Window[]> {
    const handles: string[] = await this.#turn(() => ask('GET', `${this.session}/window/handles`));
    return handles.map((handle) => new Window(this, handle));
  }

  /** Another tab. */
  async open(): Promise<Window> {
    const { handle } = await this.#turn(async () => {
      // The window that was looked at may be gone.
      const [first] = await ask('GET', `${this.session}/window/handles`);
      await this.#switchTo(first);
      return ask('POST', `${this.session}/window/new`, { type: 'tab' });
    });
    return new Window(this, handle);
  }

  /** The window that something opens. */
  async opened(action: () => Promise<unknown>): Promise<Window> {
    const before = (await this.all()).map(({ handle }) => handle);
    await action();
    return until('another window', async () => (await this.all()).find(({ handle }) => !before.includes(handle)));
  }

  /** A command in a window. Windows take turns: a driver looks at one at a time. */
  in(handle: string, method: string, path: string, body?: object): Promise<any> {
    return this.#turn(async () => {
      await this.#switchTo(handle);
      return ask(method, `${this.session}${path}`, body);
    });
  }

  async close(): Promise<void> {
    await this.#turn(() => ask('DELETE', this.session)).catch(() => undefined);
    await this.end();
  }

  async #switchTo(handle: string): Promise<void> {
    if (this.#current === handle) return;
    this.#current = undefined;
    await ask('POST', `${this.session}/window`, { handle });
    this.#current = handle;
  }

  #turn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work, work);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

export class Window {
  constructor(readonly browser: Browser, readonly handle: string) {}

  #in = (method: string, path: string, body?: object) => this.browser.in(this.handle, method, path, body);

  goto = (url: string): Promise<void> => this.#in('POST', '/url', { url });
  reload = (): Promise<void> => this.#in('POST', '/refresh', {});
  url = (): Promise<string> => this.#in('GET', '/url');
  close = (): Promise<void> => this.#in('DELETE', '/window');

  async isClosed(): Promise<boolean> {
    return !(await this.browser.all()).some(({ handle }) => handle === this.handle);
  }

  /**
   * Calls a function in the page, and waits for what it resolves to. Other windows wait as long.
   * In Firefox its global object is not the page's: what is to stay goes to `window`.
   */
  async evaluate<T, A extends unknown[]>(work: (...args: A) => T, ...args: A): Promise<Awaited<T>> {
    const script = `const done = arguments[arguments.length - 1];
      const args = JSON.parse(arguments[0], (key, value) => value);
      (async () => (${work})(...args))().then((value) => done(JSON.stringify({ value })), (error) => done(JSON.stringify({ error: String(error?.stack ?? error) })));`;
    const { value, error } = JSON.parse(await this.#in('POST', '/execute/async', { script, args: [JSON.stringify(args)] }));
    if (error !== undefined) throw new Error(`in the page: ${error}`);
    return value;
  }

  /** The same of a page that may be on its way to another: undefined meanwhile. */
  async peek<T, A extends unknown[]>(work: (...args: A) => T, ...args: A): Promise<Awaited<T> | undefined> {
    return this.evaluate(work, ...args).catch(() => undefined);
  }

  /** Until the page has gone where this says. */
  async waitForUrl(isThere: (url: URL) => boolean): Promise<URL> {
    return until('another page', async () => {
      const url = new URL(await this.url());
      return isThere(url) ? url : undefined;
    });
  }

  /** Clicks as a user does, once it can be clicked. */
  async click(testId: string, within = ''): Promise<void> {
    await this.#on(testId, within, (element) => this.#in('POST', `/element/${element}/click`, {}));
  }

  /**
   * Clicks what leads to another page, until the page is another one: under load Firefox's driver now and then loses a click that
   * comes right after a page does, and users would click again.
   */
  async press(testId: string): Promise<void> {
    await until(`${testId} to press`, async () => (await this.count(testId)) || undefined);
    await this.peek(() => void ((window as any).isLeft = true));
    const isHere = () => this.evaluate(() => (window as any).isLeft === true && document.readyState === 'complete').catch(() => false);
    for (let clicks = 0; clicks < 5; clicks += 1) {
      await this.click(testId);
      for (let looks = 0; looks < 50; looks += 1) {
        if (!(await isHere())) return;
        await rest(100);
      }
    }
  }

  /** Types into a field, in place of what is there. */
  async fill(testId: string, text: string): Promise<void> {
    await this.#on(testId, '', async (element) => {
      await this.#in('POST', `/element/${element}/clear`, {});
      await this.#in('POST', `/element/${element}/value`, { text });
    });
  }

  /** What is written in an element, and undefined where there is none. */
  text = (testId: string): Promise<string | undefined> => this.peek((css) => document.querySelector(css)?.textContent?.trim(), css(testId));

  attribute = (testId: string, name: string): Promise<string | null | undefined> => this.peek((css, name) => [...document.querySelectorAll(css)].at(-1)?.getAttribute(name), css(testId), name);

  count = (testId: string): Promise<number | undefined> => this.peek((css) => document.querySelectorAll(css).length, css(testId));

  #on(testId: string, within: string, act: (element: string) => Promise<unknown>): Promise<true> {
    return until(`${testId} to use`, async () => {
      await this.peek(painted);
      const element = await this.#in('POST', '/element', { using: 'css selector', value: `${css(testId)} ${within}`.trim() });
      await act(element[ELEMENT]);
      return true as const;
    });
  }
}

const css = (testId: string) => `[data-testid="${testId}"]`;

/** Until the page is on the screen: a click goes to what is seen there, and users see it first. */
const painted = (): Promise<void> => new Promise((done) => {
  requestAnimationFrame(() => requestAnimationFrame(() => done()));
  setTimeout(done, 1000);
});

/** Not yet; anything but that is an error. */
function passing(error: unknown): undefined {
  if (error instanceof DriverError && PASSING.includes(error.code)) return undefined;
  throw error;
}

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    let passed: unknown;
    const found = await look().catch((error) => {
      passed = error;
      return passing(error);
    });
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`there is not ${what}`, { cause: passed });
    await rest(50);
  }
}

async function ask(method: string, url: string, body?: object): Promise<any> {
  const response = await fetch(url, { method, ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
  const { value } = (await response.json()) as { value: any };
  if (!response.ok) throw new DriverError(value.error, value.message);
  return value;
}
