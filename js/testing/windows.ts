import { isPopupName, responseName } from '../generated/window.js';
import type { FakeAnswer, FakeWindowAnswer } from './server-types.js';

/** Stands in for popups and hidden frames: each is answered as soon as it is sent to the authorization endpoint. Returns what ends that. */
export function answerWindows(endpoint: string, says: FakeWindowAnswer, answer: (url: string, how: FakeAnswer) => Promise<string>): () => void {
  /** True where the user closes the window. */
  const ask = (url: string): boolean => {
    const how = typeof says === 'function' ? says(url) : says;
    if (how === 'blocked' || how === 'closed') return how === 'closed';
    void answer(url, how).then((callback) => deliver(new URL(url).searchParams.get('state') ?? '', callback));
    return false;
  };
  const open = window.open;
  window.open = ((url?: string | URL, name?: string, features?: string) => {
    if (!name || !isPopupName(name)) return open.call(window, url, name, features);
    return says === 'blocked' ? null : popup(ask);
  }) as typeof window.open;
  const { prototype } = HTMLIFrameElement;
  const src = Object.getOwnPropertyDescriptor(prototype, 'src')!;
  Object.defineProperty(prototype, 'src', {
    ...src,
    set(this: HTMLIFrameElement, url: string) {
      if (url.startsWith(endpoint)) ask(url);
      else src.set!.call(this, url);
    },
  });
  return () => {
    window.open = open;
    Object.defineProperty(prototype, 'src', src);
  };
}

/** Hands an answer to the client that waits for it: as the page at the redirect URI would, and not before the client listens. */
async function deliver(state: string, callback: string): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(null);
  });
  port1.close();
  const channel = new BroadcastChannel(responseName(state));
  channel.addEventListener('message', () => channel.close(), { once: true });
  channel.postMessage(callback);
}

/** What the client uses of a popup. `navigate` says whether its user closes it. */
function popup(navigate: (url: string) => boolean): Window {
  const fake = {
    closed: false,
    location: {
      href: 'about:blank',
      replace(url: string) {
        fake.location.href = url;
        fake.closed = navigate(url);
      },
    },
    close() {
      fake.closed = true;
    },
  };
  return fake as unknown as Window;
}

/** A form with the scopes of a request. */
export function askOnPage(url: string): Promise<FakeAnswer> {
  const asked = new URL(url).searchParams;
  const scopes = (asked.get('scope') ?? '').split(' ').filter(Boolean);
  const form = document.createElement('form');
  const title = document.createElement('h1');
  title.textContent = `${asked.get('client_id')} asks for`;
  title.style.cssText = 'font-size: 1.4rem; line-height: 1.3';
  const boxes = scopes.map((scope) => {
    const box = Object.assign(document.createElement('input'), { type: 'checkbox', name: scope, checked: true });
    const label = document.createElement('label');
    label.style.display = 'block';
    label.append(box, ` ${scope}`);
    form.append(label);
    return box;
  });
  form.prepend(title);
  form.style.cssText = 'font: 16px/1.6 system-ui, sans-serif; max-width: 26rem; margin: 2rem auto; padding: 0 1rem';
  document.documentElement.style.colorScheme = 'light dark';
  return new Promise((resolve) => {
    const button = (text: string, answer: () => FakeAnswer) => {
      const made = Object.assign(document.createElement('button'), { type: 'button', textContent: text });
      made.style.cssText = 'font: inherit; margin: 1rem .5rem 0 0; padding: .3rem 1rem';
      made.addEventListener('click', () => resolve(answer()));
      form.append(made);
    };
    button('Allow', () => ({ granted: boxes.filter(({ checked }) => checked).map(({ name }) => name) }));
    button('Deny', () => 'deny');
    document.body.append(form);
  });
}
