// A real provider that binds tokens to a key and wants its nonce in every proof, and an API that does the same (RFC 9449).
import { expect, test } from '../fixtures.js';
import { allow, askApi, choose } from './people.js';

test('signing in, calling the API, refreshing and reading the claims with proofs', async ({ page, demo, mayLog }) => {
  // Browsers log that a nonce is asked for.
  mayLog(/Failed to load resource/);
  await page.goto(`${demo.url}calendar/`);
  const opened = page.waitForEvent('popup');
  const told = page.evaluate(async (api) => {
    const { createClient } = await import('/pkg/index.js' as string);
    const { issuer, resource } = await (await fetch('/config.json')).json();
    const scope = 'openid profile offline_access read:appointments';
    const options = { clientId: 'calendar-app', issuer, redirectUri: '/calendar/', resource, scope, apis: { [api]: { resource } }, dpop: true };
    const client = await createClient(options);
    const { outcome } = await client.signIn({ mode: 'popup', prompt: 'consent' });
    const statuses = [];
    for (let n = 0; n < 2; n += 1) {
      statuses.push((await client.fetch(`${api}/appointments`)).status);
      await client.getAccessToken({ forceRefresh: true });
    }
    const token = await client.getAccessToken();
    const proof = await client.dpopProof(`${api}/appointments`);
    const own = await fetch(`${api}/appointments`, { headers: { authorization: `DPoP ${token}`, dpop: proof } });
    const again = await fetch(`${api}/appointments`, { headers: { authorization: `DPoP ${token}`, dpop: proof } });
    return { outcome, statuses, own: own.status, again: again.status, token };
  }, demo.api);
  const popup = await opened;
  await choose(popup, 'ada');
  await allow(popup);
  const { token, ...rest } = await told;
  expect(rest).toEqual({ outcome: 'granted', statuses: [200, 200], own: 200, again: 401 });
  // Whoever has only the token has nothing.
  expect(await askApi(demo, token)).toBe(401);
});
