// Pushed authorization requests (RFC 9126): the request goes to the server first, and the user after it.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';
import type { Exchange } from '../server.js';
import { closed, landsItself } from '../windows.js';

test('a popup opens in the click, and goes to the server when it has the request', async ({ app, server, mayLog }) => {
  mayLog(/Failed to load resource/);
  await landsItself(app.page.context(), app);
  await app.open({ par: true, resource: ['https://r.example/a', 'https://r.example/b'] });
  const pushed = new Promise<Exchange>((resolve) => { server.push = resolve; });
  const opened = app.page.waitForEvent('popup');
  const answer = app.call('signIn', { mode: 'popup', authorizationDetails: [{ type: 'x' }], responseMode: 'fragment' });
  const popup = await opened;
  const { form, json } = await pushed;
  expect(popup.url()).toBe('about:blank');
  expect(server.asks).toEqual([]);
  expect(form.getAll('resource')).toEqual(['https://r.example/a', 'https://r.example/b']);
  expect(form.get('authorization_details')).toBe('[{"type":"x"}]');

  json({ request_uri: server.keep(form), expires_in: 60 }, 201);
  expect((await answer).value).toMatchObject({ kind: 'sign-in', outcome: 'granted' });
  await closed(popup);
  expect(server.asks).toHaveLength(1);
  expect([...new URL(server.asks[0]!).searchParams.keys()]).toEqual(['client_id', 'request_uri']);
  expect(server.requests('/token')[0]!.form.getAll('resource')).toEqual(['https://r.example/a', 'https://r.example/b']);

  // What the server refuses is said before anybody goes there, and all is as it was.
  const held = await app.sessionText();
  server.push = ({ json }) => json({ error: 'invalid_request' }, 400);
  expectFailure(await app.call('upgrade', 'write:x', { mode: 'popup' }), 'invalid_request', { status: 400 });
  expectFailure(await app.call('authorizeUrl'), 'invalid_options');
  expect(await app.sessionText()).toBe(held);
  expect(server.asks).toHaveLength(1);
  expect(app.page.context().pages()).toHaveLength(1);
});

test('where the server requires it the page is left after the push', async ({ app, server }) => {
  server.metadata.require_pushed_authorization_requests = true;
  await app.open({ metadata: undefined, issuer: server.issuer });
  const { searchParams } = new URL(await app.ask('signIn'));
  expect([...searchParams.keys()]).toEqual(['client_id', 'request_uri']);
  expect(server.requests('/par')).toHaveLength(1);
});

test('with storage worker the push goes where it has to, and the tokens stay in the worker', async ({ app, server }) => {
  server.refreshes = true;
  await app.open({ par: true, storage: 'worker', scope: 'openid offline_access' });
  expect([...new URL(await app.ask('signIn')).searchParams.keys()]).toEqual(['client_id', 'request_uri']);
  expect([server.requests('/par').length, server.requests('/revoke').length]).toEqual([1, 0]);
});
