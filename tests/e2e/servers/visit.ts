// An application that leaves for a real authorization server and comes back.
import type { Page } from '@playwright/test';
import type { AuthorizationOutcome } from '../../../pkg/index.js';
import { App, type Answer, type More } from '../app.js';
import { expect, test as base } from '../fixtures.js';
import type { ScriptedServer } from '../server.js';
import { begin } from '../tabs.js';
import { startPython } from './python.js';

export class Visit extends App {
  /** The client learns of the server by discovery, as applications do. */
  constructor(page: Page, site: string, readonly issuer: string, readonly more: More) {
    super(page, site, {} as ScriptedServer);
  }

  override options(more: More = {}) {
    return super.options({ metadata: undefined, issuer: this.issuer, ...this.more, ...more });
  }

  /** Calls what leaves the page, up to the first page of the server. */
  async leaveBy(method: 'signIn' | 'upgrade' | 'signOut', ...args: unknown[]): Promise<void> {
    await Promise.all([
      this.page.waitForURL((url) => url.origin !== this.origin),
      this.page.evaluate(([method, args]) => void kit.call('main', method, ...args), [method, args] as const),
    ]);
  }

  /** Signs out at a server that sends the user back at once. */
  async signOut(): Promise<void> {
    await Promise.all([
      this.page.waitForURL((url) => url.searchParams.has('state')),
      this.page.evaluate(() => void kit.call('main', 'signOut', { returnTo: '/app/' })),
    ]);
  }

  /** Calls what opens a popup: the popup, and what comes of it. */
  async inPopup(method: 'signIn' | 'upgrade', ...args: object[]): Promise<[Page, { answer: () => Promise<Answer<any>> }]> {
    const opened = this.page.waitForEvent('popup');
    const under = await begin(this, method, { mode: 'popup', ...args[0] });
    return [await opened, under];
  }

  /** On the page that the server sends the user back to, with a client again. */
  async comeBack(path = '/cb'): Promise<void> {
    await this.page.waitForURL((url) => url.origin === this.origin && url.pathname === path);
    await this.page.waitForFunction(() => globalThis.kit);
    await this.open();
  }

  /** What came of a request, once the server has sent the user back. */
  async outcome(): Promise<Answer<AuthorizationOutcome | null>> {
    await this.comeBack();
    return this.call('handleCallback');
  }

  /** The server sent the user back from signing out, and nothing of it is left. */
  async expectSignedOut(path = '/app/'): Promise<void> {
    await this.comeBack(path);
    expect(await this.call('handleCallback')).toEqual({ value: null });
    expect(this.page.url()).toBe(`${this.origin}${path}`);
    expect(await this.session()).toMatchObject({ signedIn: false, granted: [] });
  }

  /** How the server takes a token that names its user. */
  async userInfoStatus(token: string): Promise<number> {
    const metadata = await fetch(`${this.issuer}/.well-known/openid-configuration`);
    const { userinfo_endpoint: endpoint } = (await metadata.json()) as { userinfo_endpoint: string };
    return (await fetch(endpoint, { headers: { authorization: `Bearer ${token}` } })).status;
  }
}

/** Tests with a server in Python, and a client of these options unless a test has others. */
export const testWith = (name: string, more: More) => base.extend<{ more: More; issuer: string; app: Visit }>({
  more: [more, { option: true }],

  issuer: async ({ once, bareSite }, use) => use((await once(name, () => startPython(name, bareSite))).issuer),

  app: async ({ page, bareSite, issuer, more }, use) => {
    const app = new Visit(page, bareSite, issuer, more);
    await app.goto();
    await use(await app.open());
  },
});

export { expect };
