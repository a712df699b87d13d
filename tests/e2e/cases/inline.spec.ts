// The entry with the WebAssembly and the worker inside: the same client, and no other file.
import { expect, test } from '../fixtures.js';

for (const storage of ['session', 'worker'] as const) {
  test(`signing in, refreshing and signing out without a second file, with storage ${storage}`, async ({ app, server }) => {
    const loaded: string[] = [];
    app.page.on('request', (request) => { if (new URL(request.url()).pathname.startsWith('/pkg/')) loaded.push(new URL(request.url()).pathname); });
    await app.goto('/inlined/');
    await app.open({ storage, scope: 'openid offline_access read:x' });
    server.refreshes = true;
    expect(await app.signIn()).toMatchObject({ outcome: 'granted' });
    expect((await app.call('hasScope', 'read:x')).value).toBe(true);
    expect((await app.call('getAccessToken', { forceRefresh: true })).value).toBe('access-2');
    await app.call('signOut', { local: true });
    expect(await app.session()).toMatchObject({ signedIn: false });
    expect(loaded).toEqual(['/pkg/inline.js']);
  });
}

test('a module of elsewhere, its hash demanded, is taken here too', async ({ app }) => {
  await app.goto('/inlined/');
  const answers = await app.page.evaluate(async () => {
    const { integrity } = await import('/pkg/integrity.js' as string);
    const other = integrity.slice(0, -1) + (integrity.endsWith('A') ? 'B' : 'A');
    return [await kit.settle(() => kit.init(undefined, { integrity: other })), await kit.settle(() => kit.init('/pkg/scopewise_bg.wasm'))];
  });
  expect(answers[0]!.error).toMatchObject({ code: 'wasm_unavailable' });
  expect(answers[1]!.error).toMatchObject({ code: 'wasm_unavailable' });
});

test('both entries on one page: two copies that share the stored session, and nothing else', async ({ app }) => {
  await app.open({ storage: 'local', scope: 'openid read:x' });
  await app.signIn();
  const seen = await app.page.evaluate(async (options) => {
    const inline = await import('/pkg/inline.js' as string);
    const client = await inline.createClient(options);
    const error = await client.getAccessToken({ scope: 'write:x' }).catch((error: unknown) => error);
    const before = [client.session.signedIn, client.hasScope('read:x'), error.name, error instanceof inline.AuthError, error instanceof kit.AuthError, kit.AuthError.is(error, 'missing_scope')];
    const told = new Promise((resolve) => client.subscribe(() => resolve(client.session.signedIn)));
    await kit.clients['main'].signOut({ local: true });
    const after = await told;
    client.close();
    return [...before, after, kit.clients['main'].session.signedIn];
  }, app.options({ storage: 'local', scope: 'openid read:x' }));
  expect(seen).toEqual([true, true, 'AuthError', true, false, true, false, false]);
});
