// What a server rendered, and a page that takes it over: signed out, through a sign-in at a real provider, and signed in.
import assert from 'node:assert/strict';
import { start as startDemo } from '../../../www/server/start.mjs';

/**
 * Each of an application's paths, visited by somebody who signs in there and comes back. Each page is made for each request, or
 * was made once; a guard may send to sign in by itself. `says` is what the server's page has, and `shows` is, by selectors, what
 * the page has once somebody is signed in. A development server gets a visit before, since it loads pages anew once it has found
 * what they import.
 */
export async function takeOver(chrome, origin, paths) {
  if (paths.length === 0) return;
  const { settings, close } = await provider(origin);
  try {
    for (const way of paths) await watchVisit(chrome, settings, origin + way.path, way);
  } finally {
    await close();
  }
}

/** The demo's provider, which knows the application at an origin. */
async function provider(origin) {
  const client = { client_id: 'setup', client_name: 'Set-up', redirect_uris: [`${origin}/`], grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none' };
  const { issuer, close } = await startDemo({ port: 0, authPort: 0, clients: [client] });
  return { settings: { issuer, clientId: 'setup', redirectUri: '/', scope: ['openid', 'profile'] }, close };
}

/** Notes each text of #status, from before any script of the page ran. */
function watchStatus() {
  globalThis.seen = [];
  new MutationObserver(() => {
    const text = document.querySelector('#status')?.textContent;
    if (text && globalThis.seen.at(-1) !== text) globalThis.seen.push(text);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}

/** What the server says without a script, which is the same for everybody. */
async function rendered(url, says) {
  const response = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  const html = await response.text();
  assert.equal(response.status, 200, html);
  assert.match(html, /<p id="status"[^>]*>(<!--.*?-->)*loading</, `${url} says ${html}`);
  if (says) assert.match(html, says, url);
  return /id="made"[^>]*>(.*?)<\/h1>/.exec(html)?.[1];
}

/** What a page showed from its first moment on, once it says this. */
async function becomes(page, last) {
  await page.locator('#status', { hasText: last }).waitFor({ timeout: 30_000 }).catch(async () => assert.fail(`no ${last}: ${await page.locator('body').innerText()}`));
  const { seen, first } = await page.evaluate(() => ({ seen: globalThis.seen, first: document.documentElement.dataset.first }));
  assert.deepEqual({ seen, first }, { seen: ['loading', last], first: 'loading' });
}

/** Nothing may be logged as a warning, or as an error. */
async function watchVisit(chrome, settings, url, way) {
  const made = [await rendered(url, way.says), await rendered(url, way.says)];
  assert.ok(made[0]);
  assert.equal(made[0] !== made[1], Boolean(way.isDynamic), `${url}: ${made}`);
  const context = await chrome.newContext();
  await context.addInitScript((given) => void (globalThis.settings = given), settings);
  if (way.isDeveloped) await warmUp(context, url);
  const logged = [];
  context.on('weberror', (error) => logged.push(String(error.error())));
  context.on('console', (message) => {
    if (['warning', 'error', 'assert'].includes(message.type())) logged.push(message.text());
  });
  await context.addInitScript(watchStatus);
  await visit(await context.newPage(), url, way).catch((error) => assert.fail(`${url}: ${error.message}\n${logged.join('\n')}`)).finally(() => context.close());
  assert.deepEqual(logged, [], url);
}

async function warmUp(context, url) {
  const page = await context.newPage();
  await page.goto(url);
  await page.locator('#status', { hasText: 'signed-out' }).waitFor({ timeout: 60_000 });
  await page.waitForLoadState('networkidle');
  await page.close();
}

async function visit(page, url, { isGuarded, shows = {} }) {
  await page.goto(url);
  if (!isGuarded) {
    await becomes(page, 'signed-out');
    await page.getByRole('button', { name: 'Sign in' }).click();
  }
  await page.getByTestId('account-ada').click();
  await page.getByTestId('allow').click();
  await page.locator('#name', { hasText: 'Ada Lovelace' }).waitFor({ timeout: 30_000 });
  await page.waitForURL(url);
  await page.reload();
  await becomes(page, 'signed-in');
  assert.equal(await page.locator('#name').innerText(), 'Ada Lovelace');
  assert.equal(await page.locator('#profile').isVisible(), true);
  for (const [at, text] of Object.entries(shows)) await page.locator(at, { hasText: text }).waitFor({ timeout: 30_000 });
}
