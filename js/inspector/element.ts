import { isLoopback } from './loopback.js';
import type { Client, DescribedScope, Session } from '../types.js';

/** What users of the element see of a client. For development: it shows to whoever looks what the page was granted. */
export interface ScopewiseInspector extends HTMLElement {
  /** The client that it looks at; null for none. Set it once the client is there. */
  client: Client<any> | null;
}

/** The style of the element. Colours are those of the page's `color-scheme`; custom properties of the page reach it. */
const STYLE = `
:host { display: block; font: 0.875rem/1.5 system-ui, sans-serif; color: CanvasText; background: Canvas; border: 1px solid color-mix(in srgb, CanvasText 25%, Canvas); border-radius: 0.5rem; padding: 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0; } h3 { font-size: 0.875rem; margin: 1rem 0 0.25rem; } p { margin: 0.25rem 0; }
ul, ol { list-style: none; margin: 0; padding: 0; } summary { cursor: pointer; padding: 0.25rem 0; border-radius: 0.25rem; }
summary:focus-visible { outline: 2px solid Highlight; outline-offset: 2px; }
li { border-top: 1px solid color-mix(in srgb, CanvasText 15%, Canvas); padding: 0.125rem 0; }
code { font: 0.8125rem/1.4 ui-monospace, monospace; } details p { padding: 0 0 0.25rem 1rem; }
.status { border: 1px solid currentColor; border-radius: 1rem; padding: 0 0.5rem; margin-inline-start: 0.25rem; font-size: 0.75rem; white-space: nowrap; }
.warning { border-inline-start: 0.25rem solid currentColor; padding-inline-start: 0.5rem; }
`;

/** Milliseconds between two looks at what nobody tells of. */
const INTERVAL = 1000;

/** How many changes are listed, the latest first. */
const MAX_ENTRIES = 50;

function el<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, string>>, ...content: (Node | string)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...content);
  return element;
}

/** What is in the element. */
class View {
  client: Client<any> | null = null;
  #stop: (() => void) | undefined;
  /** What is shown, as text: the same is not shown again. */
  #shown = '';
  #seen: Session<any> | undefined;
  readonly #changes: string[] = [];
  /** Of the scopes whose explanation is open. */
  readonly #open = new Set<string>();

  constructor(readonly root: ShadowRoot) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
  }

  look(): void {
    const { client } = this;
    if (client && !this.#stop) {
      const unsubscribe = client.subscribe(() => this.#render());
      // What was used, and a no to an upgrade, are no changes of the session.
      const timer = setInterval(() => this.#render(), INTERVAL);
      this.#stop = () => {
        unsubscribe();
        clearInterval(timer);
      };
    }
    this.#render();
  }

  leave(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Of a client that was closed, or whose module stopped, there is nothing more to see. */
  #render(): void {
    try {
      this.#show();
    } catch (error) {
      this.leave();
      this.#shown = '';
      this.root.replaceChildren(el('h2', {}, 'scopewise'), el('p', {}, `The client has ended: ${error instanceof Error ? error.message : String(error)}`));
    }
  }

  #show(): void {
    const { client } = this;
    if (!client) return this.root.replaceChildren(el('h2', {}, 'scopewise'), el('p', {}, 'There is no client yet.'));
    const { session } = client;
    this.#note(session);
    const report = client.scopeReport();
    const scopes = [...new Set([...session.requested, ...session.granted, ...session.denied, ...report.used])];
    const described: readonly DescribedScope[] = client.describeScopes?.(scopes) ?? [];
    const says = scopes.map((scope) => [client.scopeStatus(scope), client.explainScope(scope)]);
    const shown = JSON.stringify([this.#changes, session.expiresAt, session.persisted, report, described, says]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    const focused = this.root.activeElement?.closest('details')?.dataset['scope'];
    const list = el('ul', { 'aria-labelledby': 'scopes' }, ...described.map((scope) => this.#scope(client, scope, report.unused.includes(scope.scope))));
    this.root.replaceChildren(
      el('h2', {}, 'scopewise'),
      ...(isOnThisMachine() ? [] : [el('p', { class: 'warning' }, WARNING)]),
      el('p', {}, who(session)),
      el('h3', { id: 'scopes' }, 'Scopes'),
      scopes.length > 0 ? list : el('p', {}, 'None was asked for or checked.'),
      ...advice(report.unused, report.unrequested),
      el('h3', { id: 'changes' }, 'Changes'),
      el('ol', { 'aria-labelledby': 'changes' }, ...this.#changes.map((change) => el('li', {}, change))),
    );
    if (focused) this.root.querySelector<HTMLElement>(`details[data-scope="${CSS.escape(focused)}"] > summary`)?.focus();
  }

  #note(session: Session<any>): void {
    if (session === this.#seen) return;
    this.#changes.unshift(...changes(this.#seen, session).map((what) => `${new Date().toLocaleTimeString()} ${what}`));
    this.#changes.length = Math.min(this.#changes.length, MAX_ENTRIES);
    this.#seen = session;
  }

  #scope(client: Client<any>, { scope, title, why, sensitive }: DescribedScope, isUnused: boolean): HTMLElement {
    const status = client.scopeStatus(scope);
    const words = [status, ...(sensitive ? ['sensitive'] : []), ...(isUnused ? ['unused'] : [])];
    const summary = el('summary', {}, el('code', {}, scope), ...words.flatMap((word) => [' ', el('span', { class: 'status' }, word)]));
    const said = title === scope ? [] : [el('p', {}, why ? `${title}: ${why}.` : `${title}.`)];
    const details = el('details', { 'data-scope': scope, 'data-status': status }, summary, ...said, el('p', {}, client.explainScope(scope)));
    details.open = this.#open.has(scope);
    details.ontoggle = () => void (details.open ? this.#open.add(scope) : this.#open.delete(scope));
    return el('li', {}, details);
  }
}

/**
 * Defines `<scopewise-inspector>`, once for a page: session, scopes with what each is for and why it is there or not, what to stop asking for, and what changed since.
 * On a page that is not on this machine it warns, there and in the console. On a server it does nothing.
 */
export function defineInspector(): void {
  if (typeof customElements === 'undefined' || customElements.get('scopewise-inspector')) return;
  customElements.define('scopewise-inspector', class extends HTMLElement implements ScopewiseInspector {
    #view = new View(this.attachShadow({ mode: 'open' }));

    get client(): Client<any> | null {
      return this.#view.client;
    }

    set client(client: Client<any> | null) {
      this.#view.leave();
      this.#view = new View(this.#view.root);
      this.#view.client = client;
      if (this.isConnected) this.#view.look();
    }

    connectedCallback(): void {
      // What was set before the element was defined is a member of its own, and hides the setter.
      const { value } = Object.getOwnPropertyDescriptor(this, 'client') ?? {};
      if (value && Reflect.deleteProperty(this, 'client')) this.client = value as Client;
      if (!isOnThisMachine()) console.warn(`<scopewise-inspector>: ${WARNING}`);
      this.#view.look();
    }

    disconnectedCallback(): void {
      this.#view.leave();
    }
  });
}

const WARNING = 'This is for development: it shows what this page was granted to whoever looks.';

const isOnThisMachine = (): boolean => isLoopback(location.hostname) || location.hostname.endsWith('.localhost') || location.protocol === 'file:';

function who({ signedIn, claims, expired, expiresAt, persisted }: Session<any>): string {
  if (!signedIn) return 'Nobody is signed in.';
  const until = expiresAt === null ? 'The server did not say how long the token lasts.' : `The token lasts until ${new Date(expiresAt * 1000).toLocaleTimeString()}.`;
  return [`Signed in: ${claims?.sub ?? 'no ID token says who'}.`, expired ? 'The session has ended, and cannot be renewed: call signIn.' : until, ...(persisted ? [] : ['Storage refused the tokens: they live in this page\'s memory.'])].join(' ');
}

function advice(unused: readonly string[], unrequested: readonly string[]): HTMLElement[] {
  return [
    ...(unused.length > 0 ? [el('p', { 'data-advice': 'unused' }, `Granted and not used so far: ${unused.join(' ')}. Ask for them when they are needed, with upgrade.`)] : []),
    ...(unrequested.length > 0 ? [el('p', { 'data-advice': 'unrequested' }, `Used and never asked for: ${unrequested.join(' ')}. Call upgrade where they are needed, and allow them for this client at the server.`)] : []),
  ];
}

/** What is different in a later snapshot. */
function changes(before: Session<any> | undefined, after: Session<any>): string[] {
  if (!before) return [after.signedIn ? 'Signed in when this was opened' : 'Signed out when this was opened'];
  const gained = after.granted.filter((scope) => !before.granted.includes(scope));
  const lost = before.granted.filter((scope) => !after.granted.includes(scope));
  const said = [
    ...(before.signedIn === after.signedIn ? [] : [after.signedIn ? 'Signed in' : 'Signed out']),
    ...(after.signedIn && gained.length > 0 ? [`Granted: ${gained.join(' ')}`] : []),
    ...(after.signedIn && lost.length > 0 ? [`No longer granted: ${lost.join(' ')}`] : []),
    ...(after.expired && !before.expired ? ['The session has ended'] : []),
  ];
  return said.length > 0 ? said : ['Renewed'];
}
