// A real provider that has the request before the user comes with it (RFC 9126).
import { expect, test } from '../fixtures.js';
import { allow, askApi, choose } from './people.js';

test('signing in by popup with a pushed request', async ({ page, context, demo }) => {
  await page.goto(`${demo.url}calendar/`);
  const asked = context.waitForEvent('request', (request) => request.url().startsWith(`${demo.issuer}/auth?`));
  const opened = page.waitForEvent('popup');
  const told = page.evaluate(async () => {
    const { createClient } = await import('/pkg/index.js' as string);
    const { issuer, resource } = await (await fetch('/config.json')).json();
    const scope = 'openid profile read:appointments';
    const client = await createClient({ clientId: 'calendar-app', issuer, redirectUri: '/calendar/', resource, scope, storage: 'memory', par: true });
    const { outcome } = await client.signIn({ mode: 'popup' });
    return { outcome, token: await client.getAccessToken() };
  });
  const popup = await opened;
  await choose(popup, 'ada');
  await allow(popup);
  const { outcome, token } = await told;
  expect(outcome).toBe('granted');
  expect(await askApi(demo, token)).toBe(200);
  expect([...new URL((await asked).url()).searchParams.keys()]).toEqual(['client_id', 'request_uri']);
});
