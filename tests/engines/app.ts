// An application on the bare page: its calls cross to the page, and their answers back.
import { expect } from '@playwright/test';
import type { Answer } from '../e2e/app.js';
import type {} from '../e2e/kit.d.ts';
import type { Window } from './webdriver.js';

export class App {
  constructor(readonly page: Window, readonly site: string, readonly options: Readonly<Record<string, unknown>>) {}

  /** The same application, with other options or in another window. */
  with(options: Record<string, unknown>, page = this.page): App {
    return new App(page, this.site, { ...this.options, ...options });
  }

  /** Loads a page with the client in it. */
  async load(path = '/app/'): Promise<this> {
    await this.page.goto(new URL(path, this.site).href);
    return this.open();
  }

  async reload(): Promise<this> {
    await this.page.reload();
    return this.open();
  }

  /** Creates the client where the page is. */
  async open(): Promise<this> {
    await expect.poll(() => this.page.peek(() => typeof window.kit)).toBe('object');
    expect(await this.page.evaluate((options) => kit.open('main', options), this.options)).toEqual({});
    return this;
  }

  call(method: string, ...args: unknown[]): Promise<Answer<any>> {
    return this.page.evaluate((method, args) => kit.call('main', method, ...args), method, args);
  }

  /** Calls in a user's click. The page is free for others; `answer` waits for what comes of it. */
  async clickToCall(method: string, ...args: unknown[]): Promise<{ answer: () => Promise<Answer<any>> }> {
    await this.page.evaluate((method, args) => {
      document.querySelector('button')?.remove();
      const button = document.body.appendChild(document.createElement('button'));
      button.dataset['testid'] = 'call';
      button.textContent = method;
      (window as any).answer = undefined;
      button.onclick = () => void kit.call('main', method, ...args).then((answer: unknown) => ((window as any).answer = answer));
    }, method, args);
    await this.page.click('call');
    return { answer: () => this.#answer() };
  }

  async #answer(): Promise<Answer<any>> {
    const look = () => this.page.evaluate(() => (window as any).answer as Answer<any> | undefined);
    let answer: Answer<any> | undefined;
    await expect.poll(async () => Boolean(answer = await look())).toBe(true);
    return answer!;
  }

  /** Calls what leaves the page. */
  async leave(method: string, ...args: unknown[]): Promise<void> {
    await this.page.evaluate((method, args) => void setTimeout(() => kit.call('main', method, ...args)), method, args);
  }

  /** What the page that was come back to does: it handles the answer in its URL. */
  async comeBack(path = '/cb'): Promise<Answer<any>> {
    await this.page.waitForUrl(({ origin, pathname }) => origin === this.site && pathname === path);
    await this.open();
    return this.call('handleCallback');
  }

  session = (): Promise<any> => this.page.evaluate(() => kit.clients['main'].session);

  /** What the page has in its address bar besides where it is. */
  async trace(): Promise<string> {
    const { search, hash } = new URL(await this.page.url());
    return search + hash;
  }
}

/** At the provider: who one is. */
export async function choose(page: Window, person = 'ada'): Promise<void> {
  await page.press(`account-${person}`);
}

/** At the provider: yes, but not to these. */
export async function allow(page: Window, ...but: string[]): Promise<void> {
  for (const scope of but) await page.click(`consent-${scope}`);
  await page.press('allow');
}

export async function signIn(app: App, options: object = {}): Promise<void> {
  await app.leave('signIn', { prompt: 'consent', ...options });
  await choose(app.page);
  await allow(app.page);
  expect(await app.comeBack()).toMatchObject({ value: { kind: 'sign-in', outcome: 'granted' } });
}
