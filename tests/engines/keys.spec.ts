// What the browser's own keys and checks are needed for: signatures, DPoP, and one refresh for all tabs.
import { expectFailure } from '../e2e/app.js';
import { signerOf, token } from '../e2e/signers.js';
import { App, signIn } from './app.js';
import { expect, test } from './fixtures.js';

test('the signature of a real provider’s ID token is checked', async ({ app }) => {
  const own = app.with({ verifySignature: true });
  await own.load();
  await signIn(own);
  expect((await own.session()).claims.name).toBe('Ada Lovelace');
});

for (const alg of ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const) {
  test(`a signature with ${alg}: sound and mangled`, async ({ scripted, server }) => {
    const one = signerOf(alg);
    server.jwks = ({ json }) => json({ keys: [one.jwk] });
    const own = scripted.with({ verifySignature: true });
    await own.load();
    server.sign = (claims) => token(one, claims, (signature) => signature.fill(signature[9]! ^ 1, 9, 10));
    expectFailure(await own.call('signIn', { mode: 'silent' }), 'id_token_invalid', { reason: 'signature' });
    server.sign = (claims) => token(one, claims);
    expect(await own.call('signIn', { mode: 'silent' })).toMatchObject({ value: { outcome: 'granted' } });
  });
}

for (const storage of ['session', 'worker'] as const) {
  test(`tokens bound to a key (DPoP), with a nonce of the real provider’s: storage ${storage}`, async ({ app, demo }) => {
    // Proofs name the endpoint: nothing may be between.
    const { metadata: _, ...options } = app.options;
    const own = new App(app.page, app.site, { ...options, issuer: demo.issuer, dpop: true, storage });
    await own.load();
    await signIn(own);
    const { value: first } = await own.call('getAccessToken');
    const { value: second } = await own.call('getAccessToken', { forceRefresh: true });
    expect(second).toBeTruthy();
    expect(second).not.toBe(first);
    expect((await own.call('userInfo')).value).toMatchObject({ sub: 'ada', name: 'Ada Lovelace' });
    const response = await fetch(`${demo.issuer}/me`, { headers: { authorization: `Bearer ${second}` } });
    expect(response.status).toBe(401);
    if (storage === 'worker') return;
    // The key is there after a reload, and no script can take it along.
    await own.reload();
    expect((await own.call('getAccessToken', { forceRefresh: true })).value).toBeTruthy();
    expect((await own.call('userInfo')).value).toMatchObject({ sub: 'ada' });
  });
}

for (const storage of ['local', 'indexeddb', 'worker'] as const) {
  test(`three tabs want a new token at once: one refresh, and what one does all know; storage ${storage}`, async ({ app, windows, between }) => {
    const first = app.with({ storage });
    await first.load();
    await signIn(first);
    const tabs = [first];
    while (tabs.length < 3) tabs.push(await first.with({}, await windows.open()).load());
    const { value: before } = await first.call('getAccessToken');
    for (const tab of tabs) await expect.poll(async () => (await tab.call('getAccessToken')).value).toBe(before);

    let open = () => {};
    const opened = new Promise<void>((resolve) => { open = resolve; });
    between.before = () => opened;
    for (const tab of tabs) await tab.page.evaluate(() => void ((window as any).under = kit.call('main', 'getAccessToken', { forceRefresh: true })));
    open();
    const tokens = [];
    for (const tab of tabs) tokens.push((await tab.page.evaluate(() => (window as any).under)).value);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(before);
    expect(between.sent('refresh_token')).toHaveLength(1);

    await tabs[1]!.call('signOut', { local: true });
    for (const tab of tabs) await expect.poll(async () => (await tab.session()).signedIn).toBe(false);
  });
}
