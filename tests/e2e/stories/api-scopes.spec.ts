// Foyer: an app that knows where an API is, and is told the rest by the API (RFC 9728, RFC 6750).
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.js';
import { allow, choose, expectClean, popupOf, scopes, signIn } from './people.js';

const READ = 'read:rooms';
const BOOK = 'book:rooms';

const expectHeld = async (page: Page, held: Record<string, boolean>) => {
  for (const [scope, isHeld] of Object.entries(held)) await expect(page.getByTestId(`offered-${scope}`)).toHaveAttribute('data-held', String(isHeld));
};

/** Requests that go to an origin, by path. */
function watch(page: Page, origin: string): string[] {
  const seen: string[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(origin) && request.method() !== 'OPTIONS') seen.push(new URL(request.url()).pathname);
  });
  return seen;
}

test.beforeEach(({ mayLog }) => {
  // Browsers log every refusal of an API.
  mayLog(/Failed to load resource/);
});

test('what an API offers, what of it is held, and each question in the click that leads to it', async ({ page, demo }) => {
  const seen = watch(page, new URL(demo.rooms).origin);
  await signIn(page, `${demo.url}rooms/`);
  await expect(page.getByTestId('api')).toContainText('Rooms of the house');
  await expectHeld(page, { [READ]: false, [BOOK]: false });
  expect(await scopes(page, 'requested')).toEqual(['openid', 'profile']);
  expect(await scopes(page, 'missing')).toEqual([READ, BOOK]);

  // The first call leads to the first question: the API says which scope it wants.
  const first = await popupOf(page, page.getByTestId('show-rooms'));
  await expect(first.getByTestId('asked')).toContainText('See the rooms');
  await expect(first.getByTestId('asked')).not.toContainText('Book');
  await allow(first);
  await expect(page.getByTestId('room-attic')).toHaveAttribute('data-state', 'free');
  await expectHeld(page, { [READ]: true, [BOOK]: false });

  // A no is a no to that call, and the rest stays.
  const no = await popupOf(page, page.getByTestId('book-attic'));
  await no.getByTestId('deny').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await expect(page.getByTestId('room-attic')).toHaveAttribute('data-state', 'free');
  await expectHeld(page, { [READ]: true, [BOOK]: false });
  await expect(page.getByTestId('timeline-entry').last()).toHaveAttribute('data-outcome', 'denied');

  // A call does not ask for it again by itself; the list does, in its own click.
  await page.getByTestId('book-attic').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-kind', 'refusal');
  await allow(await popupOf(page, page.getByTestId(`ask-${BOOK}`)));
  await expectHeld(page, { [READ]: true, [BOOK]: true });
  await page.getByTestId('book-attic').click();
  await expect(page.getByTestId('room-attic')).toHaveAttribute('data-state', 'yours today');
  await page.getByTestId('give-back-attic').click();
  await expect(page.getByTestId('room-attic')).toHaveAttribute('data-state', 'free');
  expectClean(page, '/rooms/');
  // Its description was read at its one place: first without a challenge, and again after those that name the place.
  const read = seen.filter((path) => path.startsWith('/.well-known/oauth-protected-resource'));
  expect(new Set(read)).toEqual(new Set(['/.well-known/oauth-protected-resource/rooms']));
  expect(read.length).toBeGreaterThan(1);
});

test('an API that wants more than challengeScope lists: nobody is asked, and the page says why', async ({ page, demo }) => {
  await signIn(page, `${demo.url}rooms/`);
  await allow(await popupOf(page, page.getByTestId('show-rooms')));
  await expect(page.getByTestId('rooms')).toBeVisible();
  const asked = watch(page, `${demo.issuer}/auth`);
  await page.getByTestId('open-library').click();
  await expect(page.getByTestId('notice')).toHaveAttribute('data-code', 'insufficient_scope');
  await expect(page.getByTestId('notice')).toContainText('wants more than Foyer may ask for');
  expect(page.context().pages()).toHaveLength(1);
  expect(asked).toEqual([]);
  await expect(page.getByTestId('offered-open:doors')).toHaveCount(0);
  expect(await scopes(page, 'granted')).toEqual(['openid', 'profile', READ]);
});

test('an API of another provider: its description counts for nothing, and the page says so in plain words', async ({ page, demo }) => {
  await signIn(page, `${demo.url}rooms/`);
  const sent: Record<string, string>[] = [];
  page.on('request', (request) => {
    if (request.url().startsWith(demo.almanac.issuer)) sent.push(request.headers());
  });
  await page.getByTestId('read-stranger').click();
  await expect(page.getByTestId('unsound')).toHaveAttribute('data-code', 'metadata_invalid');
  await expect(page.getByTestId('unsound')).toContainText('not for people of Harbor ID');
  await page.getByTestId('stranger').locator('summary').click();
  await expect(page.getByTestId('stranger')).toContainText('authorization_servers');
  expect(sent).toHaveLength(1);
  expect(sent[0]).not.toHaveProperty('authorization');
  await expect(page.getByTestId('api')).toContainText('Rooms of the house');
});

test('with the keyboard alone, on a narrow screen', async ({ page, demo }) => {
  await page.setViewportSize({ width: 360, height: 740 });
  await page.goto(`${demo.url}rooms/`);
  await page.getByTestId('sign-in').focus();
  await page.keyboard.press('Enter');
  await choose(page, 'grace');
  await allow(page);
  await page.getByTestId(`ask-${BOOK}`).focus();
  const opened = page.waitForEvent('popup');
  await page.keyboard.press('Enter');
  const popup = await opened;
  await popup.getByTestId('allow').focus();
  await popup.keyboard.press('Enter');
  await expectHeld(page, { [READ]: false, [BOOK]: true });
  await expect(page.getByTestId('notice')).toBeFocused();
  await allow(await popupOf(page, page.getByTestId('show-rooms')));
  await page.getByTestId('book-library').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('room-library')).toHaveAttribute('data-state', 'yours today');
  const { wide, width } = await page.evaluate(() => ({ wide: document.documentElement.scrollWidth, width: document.documentElement.clientWidth }));
  expect(wide).toBeLessThanOrEqual(width);
  // It is free for the next one who runs this.
  await page.getByTestId('give-back-library').click();
  await expect(page.getByTestId('room-library')).toHaveAttribute('data-state', 'free');
});
