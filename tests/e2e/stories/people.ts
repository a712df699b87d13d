// What people do at the authorization server, and what tests look at in the apps.
import { expect, type Locator, type Page } from '@playwright/test';
import type { Demo } from '../fixtures.js';
import { sessionRecord, sessionText, withoutDenied } from '../records.js';

export type Person = 'ada' | 'grace' | 'linus' | 'lovelace' | 'babbage';

/** At the sign-in page: who one is. */
export async function choose(page: Page, person: Person): Promise<void> {
  await page.getByTestId(`account-${person}`).click();
  await expect(page.getByTestId('allow')).toBeVisible();
}

/** At the consent page: yes, but not to these. */
export async function allow(page: Page, { but = [] }: { but?: string[] } = {}): Promise<void> {
  for (const scope of but) await page.getByTestId(`consent-${scope}`).locator('input').uncheck();
  await page.getByTestId('allow').click();
}

export async function signIn(page: Page, app: string, person: Person = 'ada', but: string[] = []): Promise<void> {
  await page.goto(app);
  await page.getByTestId('sign-in').click();
  await choose(page, person);
  await allow(page, { but });
  await expect(page.getByTestId('user-name')).toBeVisible();
}

/** Signs in to Daybook, and writes an appointment that nobody allowed to save yet. */
export async function signInAndDraft(page: Page, demo: Demo, title: string): Promise<void> {
  await signIn(page, `${demo.url}calendar/`);
  await expect(page.getByTestId('appointments')).toBeVisible();
  await page.getByTestId('new-appointment').click();
  await page.getByTestId('draft-title').fill(title);
  await page.getByTestId('draft-place').fill('Café & <Bar>');
}

/** Clicks what makes the app ask in a popup: the popup, with the question in it. */
export async function popupOf(page: Page, button: Locator): Promise<Page> {
  const opened = page.waitForEvent('popup');
  await button.click();
  const popup = await opened;
  await expect(popup.getByTestId('allow')).toBeVisible();
  return popup;
}

/** A browser that blocks popups. */
export async function blockPopups(page: Page): Promise<void> {
  await page.addInitScript(() => { window.open = () => null; });
}

/** The scopes in one of the panel's lists; with a prefix, of another provider's. */
export async function scopes(page: Page, list: 'requested' | 'granted' | 'denied' | 'missing' | 'used' | 'unused' | 'unrequested', prefix = ''): Promise<string[]> {
  return page.getByTestId(`${prefix}${list}-scopes`).locator('[data-scope]').evaluateAll((items) => items.map((item) => item.getAttribute('data-scope')!));
}

/** The app's session record to the letter, but for what the user said no to: nothing else may change by a no. */
export async function heldText(page: Page): Promise<string | undefined> {
  return withoutDenied(await sessionText(page));
}

/** The access token of the latest grant. */
export async function accessToken(page: Page): Promise<string> {
  const token = (await sessionRecord(page))?.grants[0]?.accessToken;
  expect(token).toBeTruthy();
  return token!;
}

/** What the API says to a token. */
export async function askApi(demo: Demo, token: string): Promise<number> {
  const response = await fetch(`${demo.api}/appointments`, { headers: { authorization: `Bearer ${token}` } });
  return response.status;
}

/** Nothing of the answer is left in the address bar. */
export function expectClean(page: Page, path: string): void {
  const { pathname, search, hash } = new URL(page.url());
  expect([pathname, search, hash]).toEqual([path, '', '']);
}

/** Counts the requests of a page to the token endpoint. */
export function countTokenRequests(page: Page, demo: Demo): { count: number } {
  const counted = { count: 0 };
  page.on('request', (request) => {
    if (request.url() === `${demo.issuer}/token` && request.method() === 'POST') counted.count += 1;
  });
  return counted;
}
