// The page at the redirect URI that has no client: it hands responses to the page that asked, and leaves all others alone.
import type { BrowserContext, Page } from '@playwright/test';
import type { App, More } from '../app.js';
import { expect, test } from '../fixtures.js';
import { listen } from '../listen.js';
import { signerOf, token } from '../signers.js';
import { closed, expectNothingLeft, follow, popupOf, watched } from '../windows.js';

const COOP = { 'cross-origin-opener-policy': 'same-origin' };

/** The relay is at this redirect URI, and says so where it is done. */
const redirectUri = '/relay/cb';

/** The application opens, and counts what it has open: the paths of what is loaded at the redirect URI. */
async function opened(app: App, more: More = {}): Promise<string[]> {
  await watched(app, more);
  const loaded: string[] = [];
  app.page.context().on('request', (request) => {
    if (request.frame().url().includes(redirectUri) && /\.(js|mjs|wasm)$/.test(request.url())) loaded.push(new URL(request.url()).pathname);
  });
  await app.open({ redirectUri, ...more });
  return loaded;
}

/** With what the relay is called. */
const relayWith = (context: BrowserContext, options: object) => context.addInitScript((options) => ((globalThis as any).relayOptions = options), options);

const left = (page: Page) => expect.poll(() => page.title()).toBe('Left alone');

for (const storage of ['session', 'memory'] as const) {
  test(`a popup's answer, with storage ${storage}: one small script is there, and the popup closes`, async ({ app, server }) => {
    const loaded = await opened(app, { storage, scope: 'openid read:x' });
    server.authorize = () => undefined;
    const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup', appState: 7 });
    await follow(popup, server.approve(popup.url()));
    expect((await answer).value).toMatchObject({ kind: 'sign-in', outcome: 'granted', appState: 7 });
    await closed(popup);
    expect(loaded).toEqual(['/pkg/relay.js']);
    expect(server.requests()).toHaveLength(1);
    await expectNothingLeft(app);
  });
}

test('a no, an answer in the fragment, and a signed one', async ({ app, server }) => {
  const es256 = signerOf('ES256');
  server.jwks = ({ json }) => json({ keys: [es256.jwk] });
  server.sign = (claims) => token(es256, claims);
  await opened(app);
  for (const responseMode of ['fragment', 'query.jwt'] as const) {
    expect((await app.call('signIn', { mode: 'popup', responseMode: responseMode as 'fragment' })).value).toMatchObject({ outcome: 'granted' });
  }
  server.authorize = (url) => server.reply(url, { error: 'access_denied' });
  expect((await app.call('upgrade', 'write:x', { mode: 'popup' })).value).toMatchObject({ outcome: 'denied' });
  await expectNothingLeft(app);
});

test('a silent answer, from a hidden frame', async ({ app, server }) => {
  const loaded = await opened(app);
  expect((await app.call('signIn', { mode: 'silent' })).value).toMatchObject({ outcome: 'granted' });
  expect(server.asks.map((url) => new URL(url).searchParams.get('prompt'))).toEqual(['none']);
  expect(loaded).toEqual(['/pkg/relay.js']);
  await expectNothingLeft(app);
});

test('C256 a popup that nothing ties to its page any more', async ({ app, server }) => {
  await opened(app);
  server.authorize = () => undefined;
  server.pageHeaders = COOP;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  await follow(popup, server.approve(popup.url()));
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  await closed(popup);
  await expectNothingLeft(app);
});

test('a popup that nothing ties to its page, which is busy when the answer comes', async ({ app, server }) => {
  await opened(app);
  server.authorize = () => undefined;
  server.pageHeaders = COOP;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  const url = server.approve(popup.url());
  // Longer than the popup waits to be told that its answer is there.
  const busy = app.page.evaluate(() => {
    const end = performance.now() + 2_500;
    while (performance.now() < end);
  });
  await follow(popup, url);
  await busy;
  expect((await answer).value).toMatchObject({ outcome: 'granted' });
  await closed(popup);
  await expectNothingLeft(app);
});

test('an answer that no page waits for stays where it is, to the letter', async ({ app, server, mayShow }) => {
  // The application's page is where it belongs, and that is yet to come.
  mayShow(/code-/);
  await opened(app);
  const url = server.approve((await app.start()).url);
  for (const address of [url, `${app.origin}${redirectUri}`, `${app.origin}${redirectUri}?state=of-the-application`, `${app.origin}${redirectUri}#/route?state=x`]) {
    await app.page.goto(address);
    await left(app.page);
    expect(app.page.url()).toBe(address);
  }
  // A frame of nobody's is left alone too, whoever has it.
  const { origin, close } = await listen((_, response) => void response.writeHead(200, { 'content-type': 'text/html' })
    .end(`<link rel="icon" href="data:,"><script>heard=[];onmessage=({data})=>heard.push(data)</script><iframe src="${url.replace(/&/g, '&amp;')}"></iframe>`));
  try {
    await app.page.goto(origin);
    const frame = app.page.frame({ url: (address) => address.pathname === redirectUri })!;
    await expect.poll(() => frame.title()).toBe('Left alone');
    expect(await app.page.evaluate(() => (globalThis as any).heard)).toEqual([]);
  } finally {
    await close();
  }
  expect(server.requests()).toHaveLength(0);
});

for (const responseMode of ['query', 'fragment'] as const) {
  test(`with "next" a sign-in by redirect goes on to the application, with its answer in the ${responseMode}`, async ({ app, server }) => {
    await app.open({ redirectUri });
    const url = server.approve((await app.start({ responseMode, appState: 7 })).url);
    await relayWith(app.page.context(), { next: '/app/?page=2' });
    await app.page.goto(url);
    await app.page.waitForURL((address) => address.pathname === '/app/');
    expect(new URL(app.page.url()).searchParams.get('page')).toBe('2');
    await app.open({ redirectUri });
    const answer = await app.call('handleCallback');
    expect(answer.value).toMatchObject({ outcome: 'granted', appState: 7 });
    expect(app.page.url()).toBe(`${app.origin}/app/?page=2`);
    expect(server.requests()).toHaveLength(1);
  });
}

test('with "next" a sign-in by redirect in what was a popup goes on to the application', async ({ app, server }) => {
  await relayWith(app.page.context(), { next: '/app/' });
  await app.open({ redirectUri });
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  answer.catch(() => 'the popup is used for something else');
  // The server's page has a link back to the application.
  await follow(popup, `${app.origin}/app/`);
  await popup.waitForFunction(() => typeof kit === 'object');
  const inside = app.in(popup);
  await inside.open({ redirectUri });
  const url = await inside.ask('signIn', { appState: 7 });
  await follow(popup, server.approve(url));
  await popup.waitForURL(`${app.origin}/app/?*`);
  await popup.waitForFunction(() => typeof kit === 'object');
  await inside.open({ redirectUri });
  expect((await inside.call('handleCallback')).value).toMatchObject({ outcome: 'granted', appState: 7 });
});

test('C264 with "next" a popup that nobody waits for closes at the application', async ({ app, server }) => {
  const context = app.page.context();
  await relayWith(context, { next: '/app/landed' });
  await context.addInitScript((options) => {
    if (location.pathname === '/app/landed') (globalThis as any).landing = options;
  }, app.options({ redirectUri }));
  await app.open({ redirectUri });
  server.authorize = () => undefined;
  const { popup, answer } = await popupOf(app, 'signIn', { mode: 'popup' });
  answer.catch(() => 'the page that asked is gone');
  await app.page.goto('about:blank');
  await follow(popup, server.approve(popup.url()));
  await closed(popup);
  expect(server.requests()).toEqual([]);
});

test('"next" leads to no other origin, and not in circles', async ({ app, server, mayShow }) => {
  mayShow(/code-/);
  await app.open({ redirectUri });
  const url = server.approve((await app.start()).url);
  await relayWith(app.page.context(), { next: 'https://elsewhere.example/' });
  await app.page.goto(url);
  await expect.poll(() => app.page.title()).toMatch(/^TypeError: "next" must be a URL of this page's own origin/);
  expect(app.page.url()).toBe(url);
  await relayWith(app.page.context(), { next: redirectUri });
  await app.page.goto(url);
  await left(app.page);
  expect(app.page.url()).toBe(url);
});
