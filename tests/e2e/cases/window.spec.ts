// Whom a popup and its opener listen to, whom they tell, and what they do when the other one is gone.
import type { Page } from '@playwright/test';
import { App, expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import { listen } from '../listen.js';
import { abortable, closed, expectNothingLeft, follow, landsItself, popupOf, seenAtWork, stop, watched } from '../windows.js';

const COOP = { 'cross-origin-opener-policy': 'same-origin' };
const FINISHED = 'You can close this window.';

const stateOf = (popup: Page) => new URL(popup.url()).searchParams.get('state')!;
/** A site of another origin that hears everything it is told. */
const listener = () => listen((_, response) => void response.writeHead(200, { 'content-type': 'text/html' })
  .end('<link rel="icon" href="data:,"><script>heard=[];onmessage=({data})=>heard.push(data)</script>'));

const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The page's own word on the window that it opened last. */
async function rememberPopup(app: App): Promise<void> {
  await app.page.evaluate(() => {
    const { open } = window;
    window.open = (...args) => ((globalThis as any).popup = open.apply(window, args));
  });
}

const looksClosed = (app: App): Promise<boolean> => app.page.evaluate(() => (globalThis as any).popup.closed);

test('C256 a server that cuts the tie looks closed from here, and its answer still arrives', async ({ app, server }) => {
  await watched(app);
  await app.open();
  await rememberPopup(app);
  server.authorize = () => undefined;
  server.pageHeaders = COOP;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  await expect.poll(() => looksClosed(app)).toBe(true);
  await rest(2_500);
  expect(popup.isClosed()).toBe(false);
  await follow(popup, server.approve(popup.url()));
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  await expectNothingLeft(app);
  // The page cannot close it any more; it does so itself.
  await closed(popup);
});

test('C256 a server that cuts the tie on its second page, while the user is there', async ({ app, server }) => {
  await watched(app);
  await app.open();
  await rememberPopup(app);
  await app.page.evaluate(() => { document.hasFocus = () => false; });
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  await seenAtWork(app.page);
  expect(await looksClosed(app)).toBe(false);
  server.pageHeaders = COOP;
  await popup.reload();
  await expect.poll(() => looksClosed(app)).toBe(true);
  await rest(2_500);
  await follow(popup, server.approve(popup.url()));
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  await expectNothingLeft(app);
});

test('C256 whoever closes such a popup comes back to the page, and then it is closed', async ({ app, server }) => {
  await watched(app);
  await app.open();
  await app.page.evaluate(() => { document.hasFocus = () => false; });
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  await seenAtWork(app.page);
  server.pageHeaders = COOP;
  await popup.reload();
  await popup.close();
  await app.page.evaluate(() => { document.hasFocus = () => true; });
  expectFailure(await answer, 'popup_closed');
  await expectNothingLeft(app);
});

test('C256 an application that cuts the tie itself', async ({ app, server }) => {
  await watched(app, {}, '/alone/');
  await app.open();
  await rememberPopup(app);
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  await expect.poll(() => looksClosed(app)).toBe(true);
  await rest(1_500);
  await follow(popup, server.approve(popup.url()));
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  await expectNothingLeft(app);
});

test('C049 a host that adds a slash to the path, and a popup that nothing ties to its page', async ({ app, server }) => {
  await watched(app);
  await app.page.context().addInitScript((options) => {
    if (location.pathname === '/cb/') (globalThis as any).landing = options;
  }, app.options());
  await app.open();
  server.authorize = () => undefined;
  server.pageHeaders = COOP;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  await follow(popup, server.approve(popup.url()).replace('/cb?', '/cb/?'));
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  await expectNothingLeft(app);
});

test('C257 what another origin says is not heard', async ({ app, server, mayShow }) => {
  // The test says it itself.
  mayShow(/code-of-a-stranger/);
  await watched(app);
  await app.open();
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  const callback = server.approve(popup.url(), { code: 'code-of-a-stranger' });
  await popup.evaluate(([name, url]) => {
    for (const data of [{ [name]: url }, url, name]) window.opener.postMessage(data, '*');
    const channel = new BroadcastChannel(name);
    channel.postMessage(url);
    channel.close();
  }, [`scopewise:${stateOf(popup)}`, callback] as const);
  await rest(300);
  expect(server.requests()).toHaveLength(0);
  expect(popup.isClosed()).toBe(false);
  await follow(popup, server.approve(popup.url()));
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  expect(server.requests().map(({ form }) => form.get('code'))).not.toContain('code-of-a-stranger');
});

test('C258 another window of this origin is heard only with the state of this request', async ({ app, server }) => {
  await watched(app);
  await app.open();
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  const callback = server.approve(popup.url());
  const tell = (state: string, url: string) => app.page.evaluate(([name, url]) => new Promise<void>((done) => {
    const frame = document.body.appendChild(document.createElement('iframe'));
    frame.addEventListener('load', () => {
      const teller = frame.contentWindow as any;
      teller.setTimeout(() => {
        teller.eval(`parent.postMessage({ ${JSON.stringify(name)}: ${JSON.stringify(url)} }, '*'); new BroadcastChannel(${JSON.stringify(name)}).postMessage(${JSON.stringify(url)})`);
        setTimeout(() => { frame.remove(); done(); }, 200);
      });
    });
    frame.src = '/elsewhere';
  }), [`scopewise:${state}`, url] as const);
  await tell('another-state', callback);
  expect(server.requests()).toHaveLength(0);
  expect(popup.isClosed()).toBe(false);
  await tell(stateOf(popup), callback);
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  await closed(popup);
});

test('C258 the answer to another request, or none at all, under the state of this one', async ({ app, server }) => {
  await watched(app);
  await app.open();
  const other = await app.start();
  server.authorize = () => undefined;
  for (const [text, code] of [['nonsense', 'response_malformed'], [server.approve(other.url), 'response_malformed'], [`${app.origin}/cb?code=x&state=unknown`, 'transaction_missing']] as const) {
    const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
    await app.page.evaluate(([name, text]) => new BroadcastChannel(name).postMessage(text), [`scopewise:${stateOf(popup)}`, text] as const);
    expectFailure(await answer, code);
    await closed(popup);
  }
  expect(server.requests()).toHaveLength(0);
  expect((await app.handle(server.approve(other.url))).value).toMatchObject({ outcome: 'granted' });
});

test('where the page may have no channel no answer can be heard: it says so, in a popup and in a frame', async ({ app, server }) => {
  await watched(app);
  await app.open();
  await app.signIn();
  const before = await app.session();
  await app.page.evaluate(() => void ((globalThis as any).BroadcastChannel = class { constructor() { throw new DOMException('The operation is insecure.', 'SecurityError'); } }));
  for (const mode of ['popup', 'silent'] as const) {
    expectFailure(await app.call('upgrade', 'write:x', { mode, appState: 7 }), 'storage_unavailable', { appState: 7 });
    expect(await app.session()).toEqual(before);
  }
  expect(app.page.context().pages()).toHaveLength(1);
  await expectNothingLeft(app);
  expect(server.requests()).toHaveLength(1);
});

test('C260 messages of any shape do no harm', async ({ app, server, mayShow }) => {
  // The test's own messages have the state in them.
  mayShow(/^state in message/);
  await watched(app);
  await app.open();
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  await app.page.evaluate((name) => {
    const cyclic: any = { [name]: {} };
    cyclic[name].self = cyclic;
    const shapes = [
      null, undefined, 0, 7n, true, '', 'x', name, [], [name], new Map([[name, 'x']]), new Date(), /x/, new Error('x'), new ArrayBuffer(8), cyclic,
      JSON.parse(`{"__proto__":{"${name}":"x"},"constructor":1}`), { get [name]() { return { length: 5 }; } },
      { [name]: 'x'.repeat(1 << 20) }, { [name]: '' }, { [name]: 5 }, { [name]: null }, { [name]: [name] }, { [name]: new String('x') }, { [name]: { length: 1 } },
    ];
    const channel = new BroadcastChannel(name);
    for (const shape of shapes) {
      window.postMessage(shape, location.origin);
      if (typeof shape !== 'string' || !shape) channel.postMessage(shape);
    }
    channel.postMessage('x'.repeat(1 << 20));
    window.dispatchEvent(new MessageEvent('message', { data: { [name]: 'x'.repeat(1 << 18) }, origin: location.origin }));
    channel.close();
  }, `scopewise:${stateOf(popup)}`);
  await rest(300);
  expect(popup.isClosed()).toBe(false);
  await follow(popup, server.approve(popup.url()));
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  await expectNothingLeft(app);
});

test('C260 a window that is gone by the time its word is heard', async ({ app, server }) => {
  await watched(app);
  await app.open();
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  await app.page.evaluate(([name, url]) => {
    window.dispatchEvent(new MessageEvent('message', { data: { [name]: url }, origin: location.origin, source: null }));
  }, [`scopewise:${stateOf(popup)}`, server.approve(popup.url())] as const);
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
});

test('C261 an answer that comes too late is used by nobody', async ({ app, server }) => {
  await watched(app);
  await app.open();
  server.authorize = () => undefined;
  server.pageHeaders = COOP;
  const opened = app.page.waitForEvent('popup');
  const answer = abortable(app, 'signIn', { mode: 'popup' });
  const popup = await opened;
  await popup.waitForURL(`${server.issuer}/authorize?*`);
  await stop(app);
  expectFailure(await answer, 'aborted');
  await expectNothingLeft(app);
  expect(popup.isClosed()).toBe(false);
  const url = server.approve(popup.url());
  await follow(popup, url);
  await popup.waitForURL(`${app.origin}/cb`);
  await app.page.evaluate(([name, url]) => {
    window.postMessage({ [name]: url }, location.origin);
    new BroadcastChannel(name).postMessage(url);
  }, [`scopewise:${new URL(url).searchParams.get('state')}`, url] as const);
  await rest(1_500);
  expect(server.requests()).toHaveLength(0);
  expect((await app.session()).signedIn).toBe(false);
  expectFailure(await app.handle(url), 'transaction_missing');
});

test('C262 the popup tells its own origin and no other', async ({ app, server }) => {
  await watched(app);
  await app.open();
  await app.page.evaluate(() => {
    const posts: unknown[] = ((globalThis as any).posts = []);
    window.postMessage = ((data: object, ...to: unknown[]) => void posts.push([Object.keys(data), ...to])) as never;
  });
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  const state = stateOf(popup);
  await follow(popup, server.approve(popup.url()));
  // The channel carries it too, and only this origin has that.
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  expect(await app.page.evaluate(() => (globalThis as any).posts)).toEqual([[[`scopewise:${state}`], app.origin]]);
});

for (const storage of ['session', 'local'] as const) {
  test(`C264 the opener has gone elsewhere: the popup says so and closes, and the code goes nowhere (${storage})`, async ({ app, server }) => {
    await watched(app, { storage });
    await app.open({ storage });
    server.authorize = () => undefined;
    const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
    answer.catch(() => 'the page that asked is gone');
    const elsewhere = await listener();
    await app.page.goto(elsewhere.origin);
    await follow(popup, server.approve(popup.url()));
    await closed(popup);
    expect(await app.page.evaluate('heard')).toEqual([]);
    expect(server.requests()).toHaveLength(0);
    await elsewhere.close();
  });
}

test('C264 without a way to close itself the popup says that it is done', async ({ app, server }) => {
  await watched(app);
  await app.open();
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  answer.catch(() => 'the page that asked is gone');
  await popup.context().addInitScript(() => { window.close = () => {}; });
  await app.page.goto('about:blank');
  await follow(popup, server.approve(popup.url()));
  await expect(popup.locator('body')).toHaveText(FINISHED);
  expect(popup.url()).toBe(`${app.origin}/cb`);
  expect(server.requests()).toHaveLength(0);
});

for (const features of ['', 'popup,width=400,height=400'] as const) {
  test(`C265 an attacker that opens the callback page learns nothing (${features || 'a tab'})`, async ({ app, server, mayLog }) => {
    // The browser says that a message was not delivered.
    mayLog(/postMessage/);
    await landsItself(app.page.context(), app);
    const attacker = await listener();
    await app.page.goto(attacker.origin);
    const opened = app.page.waitForEvent('popup');
    const url = `${app.origin}/cb?${new URLSearchParams({ code: 'code-1', state: 'planted', iss: server.issuer })}`;
    await app.page.evaluate(([url, features]) => void window.open(url, '_blank', features), [url, features] as const);
    const page = await opened;
    await expect.poll(() => page.evaluate(() => globalThis.kit?.answer?.error?.code)).toBe('transaction_missing');
    expect(page.url()).toBe(`${app.origin}/cb`);
    expect(await app.page.evaluate('heard')).toEqual([]);
    expect(server.requests()).toHaveLength(0);
    await attacker.close();
  });
}
