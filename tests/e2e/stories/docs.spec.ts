// The documentation's site, as the demo serves it; and what axe and Lighthouse say of its pages and of the demo's.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import lighthouse from 'lighthouse';
// @ts-ignore: the demo is plain JavaScript
import { start } from '../../../www/server/start.mjs';
import { expect, test, type Demo } from '../fixtures.js';
import { lightBrowser } from '../../chromium.mjs';
import { choose } from './people.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** A site of this run's own. */
const docsDir = `${root}target/docs-e2e-${process.pid}`;
let site: Demo & { close(): Promise<void> };

// The site is built once for all of these.
test.describe.configure({ mode: 'default' });

test.beforeAll(async () => {
  await promisify(execFile)(process.execPath, [`${root}www/docs/build.mjs`, docsDir]);
  site = await start({ port: 0, authPort: 0, docsDir });
});

test.afterAll(async () => {
  await site?.close();
  rmSync(docsDir, { recursive: true, force: true });
});

const open = async (page: Page, path: string) => {
  const response = await page.goto(`${site.url}${path}`);
  expect(response?.status(), path).toBe(200);
  await expect(page.locator('h1')).toBeVisible();
  return response;
};

/** What axe finds, in short. */
async function violations(page: Page): Promise<string[]> {
  return page.evaluate(async (source) => {
    // Not a script of the page, so its policy has nothing to say.
    (0, eval)(source);
    const { violations } = await (window as unknown as { axe: { run(): Promise<{ violations: { id: string; help: string; nodes: { target: unknown[] }[] }[] }> } }).axe.run();
    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => String(target)).slice(0, 3).join(', ')})`);
  }, axe);
}

test('every page is there, keeps to its policy, and asks nobody else', async ({ page }) => {
  const others: string[] = [];
  page.on('request', (request) => request.url().startsWith(site.url) || others.push(request.url()));
  const files = readdirSync(docsDir, { recursive: true, encoding: 'utf8' }).map((path) => path.replaceAll('\\', '/'));
  const paths = files.filter((path) => path.endsWith('.html') && path !== '404.html' && !/^api\/(?!index|interfaces\/index\.Client\.)/.test(path));
  expect(paths.length).toBeGreaterThan(25);
  for (const path of paths) {
    const response = await open(page, `docs/${path}`);
    const policy = response?.headers()['content-security-policy'] ?? '';
    expect(policy, path).toContain("default-src 'none'");
    expect(policy, path).not.toContain('unsafe');
  }
  expect(others).toEqual([]);
});

test('the search finds an error code, and leads to it', async ({ page }) => {
  await open(page, 'docs/');
  await page.getByRole('button', { name: /search/i }).first().click();
  await page.getByRole('searchbox').fill('popup_blocked');
  await expect(page.locator('.results .result').first()).toBeVisible();
  // How VitePress makes the box (a button that holds a list of options that hold links) is not ours to change.
  const ofBox = /^(label-content-name-mismatch|nested-interactive): .*VPLocalSearchBox/;
  expect((await violations(page)).filter((violation) => !ofBox.test(violation))).toEqual([]);
  await page.locator('.results .result', { hasText: 'Error codes' }).first().click();
  await expect(page).toHaveURL(/\/docs\/errors\.html/);
  await expect(page.getByRole('cell', { name: 'popup_blocked', exact: true })).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe has nothing against the documentation, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    for (const path of ['', 'start.html', 'errors.html', 'how-it-works.html', 'providers/google.html', 'migrating/msal-browser.html', 'api/interfaces/index.Client.html']) {
      await open(page, `docs/${path}`);
      expect(await violations(page), path).toEqual([]);
    }
  });

  test(`axe has nothing against the demo, ${colorScheme}`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    for (const path of ['', 'welcome/', 'calendar/', 'rooms/', 'react/', 'vue/', 'svelte/', 'your-provider/']) {
      await page.goto(`${site.url}${path}`);
      await expect(page.locator('.loading')).toHaveCount(0);
      expect(await violations(page), path).toEqual([]);
    }
    await page.goto(`${site.url}calendar/`);
    await page.getByTestId('sign-in').click();
    await expect(page.getByTestId('account-ada')).toBeVisible();
    expect(await violations(page), 'the sign-in page').toEqual([]);
    await choose(page, 'ada');
    await expect(page.getByTestId('allow')).toBeVisible();
    expect(await violations(page), 'the consent page').toEqual([]);
    await page.getByTestId('allow').click();
    await expect(page.getByTestId('user-name')).toBeVisible();
    expect(await violations(page), 'the calendar, signed in').toEqual([]);
  });
}

/** What Lighthouse gives a page for accessibility, and what it gives less than all for. */
async function accessibility(port: number, url: string) {
  const result = await lighthouse(url, {
    port, onlyCategories: ['accessibility'], output: 'json', logLevel: 'silent', maxWaitForLoad: 120_000,
    // Neither a picture nor long waits say anything of this: half a second of silence, and the page is as it stays.
    disableFullPageScreenshot: true, pauseAfterFcpMs: 500, pauseAfterLoadMs: 500, networkQuietThresholdMs: 500, cpuQuietThresholdMs: 500,
  });
  const { audits, categories } = result!.lhr;
  const short = Object.values(audits).filter(({ score }) => score !== null && score < 1).map(({ id }) => id);
  return { score: categories['accessibility']?.score, short };
}

test('Lighthouse gives the demo and the documentation all it has for accessibility', async () => {
  const light = lightBrowser();
  const profile = mkdtempSync(`${tmpdir()}/lighthouse-`);
  const browser = await chromium.launchPersistentContext(profile, { ...light, args: [...light.args, '--remote-debugging-port=0'] });
  // Where the browser says which port it took.
  const port = Number(readFileSync(`${profile}/DevToolsActivePort`, 'utf8').split('\n')[0]);
  try {
    for (const path of ['', 'welcome/', 'calendar/', 'rooms/', 'react/', 'your-provider/', 'docs/', 'docs/start.html', 'docs/errors.html', 'docs/how-it-works.html']) {
      expect(await accessibility(port, `${site.url}${path}`), path).toEqual({ score: 1, short: [] });
    }
  } finally {
    await browser.close();
    rmSync(profile, { recursive: true, force: true });
  }
});

test('on a screen of 360 pixels no page of the documentation has to be scrolled sideways', async ({ page }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  for (const path of ['', 'errors.html', 'how-it-works.html', 'storage.html', 'api/interfaces/index.Client.html']) {
    await open(page, `docs/${path}`);
    const { wide, width } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, width: document.documentElement.clientWidth }));
    expect(wide, path).toBeLessThanOrEqual(width);
  }
});

test('the start page leads to the documentation where it was built', async ({ page, mayLog }) => {
  await page.goto(site.url);
  await page.getByRole('link', { name: 'Documentation' }).click();
  await expect(page).toHaveURL(`${site.url}docs/`);
  await expect(page.getByRole('heading', { level: 1, name: 'Documentation' })).toBeVisible();

  const bare = await start({ port: 0, authPort: 0, docsDir: `${docsDir}-none` });
  try {
    await page.goto(bare.url);
    await expect(page.getByTestId('own-issuer')).toBeVisible();
    await expect(page.getByRole('link', { name: 'Documentation' })).toBeHidden();
    mayLog(/Failed to load resource/);
    expect((await page.goto(`${bare.url}docs/`))?.status()).toBe(404);
    await expect(page.locator('body')).toContainText('npm run docs -w www');
  } finally {
    await bare.close();
  }
});
