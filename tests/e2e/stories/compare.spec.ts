// The app that docs/compare.md counts, against the demo's provider: made with scopewise, and with oidc-spa. That with auth0-react is type-checked only,
// since it takes https, its endpoints and its issuer to be Auth0's.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from '@playwright/test';
import { build } from 'esbuild';
// @ts-ignore: the demo is plain JavaScript
import { scopewisePlugin } from '../../../www/server/frameworks.mjs';
// @ts-ignore: the demo is plain JavaScript
import { start } from '../../../www/server/start.mjs';
import { expect, test as base, type Demo } from '../fixtures.js';
import { allow, choose } from './people.js';

const pathOf = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url));
const LIBRARIES = ['scopewise', 'oidc-spa'];
const HTML = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Compared</title><link rel="icon" href="/favicon.svg"><div id="app"></div><script type="module" src="app.js"></script>';

/** The apps beside the package, in a folder that the demo serves as it does the package's. */
async function put(folder: string): Promise<void> {
  await cp(pathOf('pkg'), folder, { recursive: true });
  for (const library of LIBRARIES) {
    await build({
      entryPoints: [pathOf(`tests/compare/${library}.tsx`)], bundle: true, outfile: join(folder, library, 'app.js'), format: 'esm', target: 'es2022', jsx: 'automatic', logLevel: 'warning',
      plugins: [scopewisePlugin(pathOf('pkg'))], nodePaths: [pathOf('node_modules')], define: { 'process.env.NODE_ENV': '"production"' },
    });
    await writeFile(join(folder, library, 'index.html'), HTML);
  }
}

async function startCompared(): Promise<Demo & { close(): Promise<void> }> {
  const packageDir = await mkdtemp(join(tmpdir(), 'scopewise-'));
  await put(packageDir);
  const clients = (origin: string) => {
    const places = LIBRARIES.map((library) => `${origin}/pkg/${library}/`);
    return [{
      client_id: 'compared', client_name: 'Compared', redirect_uris: places, post_logout_redirect_uris: places,
      grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], token_endpoint_auth_method: 'none',
    }];
  };
  const demo = await start({ port: 0, authPort: 0, clients, packageDir });
  return {
    ...demo,
    close: async () => {
      await demo.close();
      await rm(packageDir, { recursive: true });
    },
  };
}

const test = base.extend<{ compared: Demo }>({
  compared: async ({ once }, use) => use(await once('compared apps', startCompared)),
});

async function signIn(page: Page, demo: Demo, library: string): Promise<void> {
  await page.goto(`${demo.url}pkg/${library}/`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await choose(page, 'ada');
  await allow(page);
  await expect(page.getByText('Ada Lovelace')).toBeVisible();
  await expect(page.getByRole('listitem').filter({ hasText: 'Dentist' })).toBeVisible();
}

const refusal = (page: Page) => page.getByText('Nothing was added');
const walks = (page: Page) => page.getByRole('listitem').filter({ hasText: 'A walk' });
const add = (page: Page) => page.getByRole('button', { name: 'Add a walk' });

test('with scopewise', async ({ page, compared }) => {
  await signIn(page, compared, 'scopewise');
  const before = await walks(page).count();
  const ask = async () => {
    const [popup] = await Promise.all([page.waitForEvent('popup'), add(page).click()]);
    return popup;
  };
  await (await ask()).getByTestId('deny').click();
  await expect(refusal(page)).toBeVisible();
  await expect(page.getByText('Ada Lovelace')).toBeVisible();
  await allow(await ask());
  await expect(walks(page)).toHaveCount(before + 1);
  await expect(refusal(page)).toHaveCount(0);
  await page.reload();
  await expect(walks(page)).toHaveCount(before + 1);
  await add(page).click();
  await expect(walks(page)).toHaveCount(before + 2);
});

test('with oidc-spa', async ({ page, compared }) => {
  await signIn(page, compared, 'oidc-spa');
  const before = await walks(page).count();
  await add(page).click();
  await page.getByTestId('deny').click();
  await expect(refusal(page)).toBeVisible();
  await expect(page.getByText('Ada Lovelace')).toBeVisible();
  await add(page).click();
  await allow(page);
  await expect(page.getByText('Ada Lovelace')).toBeVisible();
  await expect(refusal(page)).toHaveCount(0);
  await add(page).click();
  await expect(walks(page)).toHaveCount(before + 1);
  // A reload restores the session with the scopes of the first request, so that the app takes it for a no.
  await page.reload();
  await expect(refusal(page)).toBeVisible();
});
