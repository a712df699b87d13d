// What an authorization response may look like.
import { expectFailure } from '../app.js';
import { expect, test } from '../fixtures.js';

test('C026 an answer that names another issuer goes nowhere', async ({ app, server }) => {
  await app.open();
  const { url, state } = await app.start();
  expectFailure(await app.handle(server.approve(url, { iss: 'https://evil.example' })), 'issuer_mismatch');
  expectFailure(await app.handle(server.approve(url, { iss: undefined })), 'issuer_missing');
  expect(server.received).toEqual([]);
  expect(await app.transactionRecord(state)).toMatchObject({ status: 'pending' });
});

test('C028 iss counts also where the server did not announce it', async ({ app, server }) => {
  const { authorization_response_iss_parameter_supported: _, ...silent } = server.metadata;
  await app.open({ metadata: silent as never });
  expectFailure(await app.handle(server.approve((await app.start()).url, { iss: 'https://evil.example' })), 'issuer_mismatch');
  expect((await app.handle(server.approve((await app.start()).url))).value).toMatchObject({ outcome: 'granted' });
  expect((await app.handle(server.approve((await app.start()).url, { iss: undefined }))).value).toMatchObject({ outcome: 'granted' });
});

test('C029 an empty iss is another issuer', async ({ app, server }) => {
  await app.open();
  expectFailure(await app.handle(server.approve((await app.start()).url, { iss: '' })), 'issuer_mismatch');
  expect(server.received).toEqual([]);
});

test('C030 an issuer is compared to the letter', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  for (const iss of [`${server.issuer}/`, server.issuer.toUpperCase(), server.issuer.replace(/:\d+$/, ''), server.issuer.replace('.0.', '%2E0.')]) {
    expectFailure(await app.handle(server.approve(url, { iss })), 'issuer_mismatch');
  }
  expect(server.received).toEqual([]);
});

test('C032 an answer in the other part of the URL is not taken', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  expectFailure(await app.handle(server.approve(url).replace('?', '#')), 'response_malformed');
  const fragment = await app.start({ responseMode: 'fragment' });
  expectFailure(await app.handle(server.approve(fragment.url).replace('#', '?')), 'response_malformed');
  const { state, iss, code } = Object.fromEntries(new URL(server.approve(url)).searchParams);
  const halves = await app.handle(`${app.origin}/cb?code=${code}#${new URLSearchParams({ state: state!, iss: iss! })}`);
  expectFailure(halves, 'state_missing');
  expect(server.received).toEqual([]);
  expect((await app.handle(server.approve(fragment.url))).value).toMatchObject({ outcome: 'granted' });
});

test('C033 only the part that was asked for is read', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  const evil = 'code=code-of-a-stranger&state=state-of-a-stranger';
  expect((await app.handle(`${server.approve(url)}#${evil}`)).value).toMatchObject({ outcome: 'granted' });
  const fragment = await app.start({ responseMode: 'fragment' });
  expect((await app.handle(server.approve(fragment.url).replace('#', `?${evil}#`))).value).toMatchObject({ outcome: 'granted' });
  expect(server.requests().map(({ form }) => form.get('code'))).toEqual([expect.stringMatching(/^code-\d$/), expect.stringMatching(/^code-\d$/)]);
});

test('C034 tokens in the URL are refused, and gone from it', async ({ app, server }) => {
  await app.open();
  const { url, state } = await app.start();
  for (const name of ['access_token', 'id_token', 'token']) {
    expectFailure(await app.handle(server.approve(url, { [name]: 'x' })), 'response_malformed');
  }
  await app.goto(`/cb?code=x&access_token=stolen&token_type=Bearer&state=${state}`);
  await app.open();
  expectFailure(await app.call('handleCallback'), 'response_malformed');
  expect(app.page.url()).toBe(`${app.origin}/cb`);
  expect(server.received).toEqual([]);
});

test('C036 neither code nor error: no answer at all, or an incomplete one', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  expect(await app.handle(`${app.origin}/cb`)).toEqual({ value: null });
  expect(await app.handle(`${app.origin}/cb?page=2#error`)).toEqual({ value: null });
  expect(await app.handle(server.reply(url, {}))).toEqual({ value: null });
  expectFailure(await app.handle(server.reply(url, { code: '' })), 'code_missing');
  expect(server.received).toEqual([]);
});

test('C041 names of an object’s own members are no states', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  for (const state of ['__proto__', 'constructor', 'hasOwnProperty', 'toString']) {
    expectFailure(await app.handle(server.approve(url, { state })), 'transaction_missing');
  }
  expect(server.received).toEqual([]);
});

test('C042 answers out of all proportion are refused', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  const many = Array.from({ length: 10_000 }, (_, index) => `p${index}=1`).join('&');
  for (const callback of [
    `${server.approve(url)}&junk=${'x'.repeat(1_000_000)}`,
    `${server.approve(url)}&${many}`,
    server.reply(url, { code: 'x'.repeat(100_000) }),
    server.reply(url, { code: 'x'.repeat(10_000) }),
  ]) expectFailure(await app.handle(callback), 'response_malformed');
  expect(server.received).toEqual([]);
  expect((await app.handle(server.approve(url))).value).toMatchObject({ outcome: 'granted' });
});

test('C044 the fragment that Facebook adds does no harm', async ({ app, server }) => {
  await app.open();
  await app.goto(`${server.approve((await app.start()).url)}#_=_`);
  await app.open();
  expect((await app.call('handleCallback')).value).toMatchObject({ outcome: 'granted' });
  expect(app.page.url()).toBe(`${app.origin}/cb`);
});

test('C045 a scope in the URL grants nothing', async ({ app, server }) => {
  await app.open({ scope: 'openid read:x' });
  const extras = { session_state: 'x', scope: 'openid read:x admin', authuser: '0', prompt: 'none' };
  await app.goto(server.approve((await app.start()).url, extras));
  await app.open({ scope: 'openid read:x' });
  expect((await app.call('handleCallback')).value).toMatchObject({ granted: ['openid', 'read:x'] });
  expect((await app.call('hasScope', 'admin')).value).toBe(false);
  expect(app.page.url()).toBe(`${app.origin}/cb`);
});

test('C049 on another path than the redirect URI’s only this client’s own requests have a response', async ({ app, server }) => {
  await app.open();
  const { url } = await app.start();
  for (const path of ['/other?', '/cb/?', '/?', '/CB?']) {
    expect(await app.handle(server.approve(url, { state: 'open' }).replace('/cb?', path))).toEqual({ value: null });
  }
  expect(server.received).toEqual([]);
  await app.goto(server.approve(url).replace('/cb?', '/cb/index.html?tab=2&'));
  await app.open();
  expect((await app.call('handleCallback')).value).toMatchObject({ outcome: 'granted' });
  expect(app.page.url()).toBe(`${app.origin}/cb/index.html?tab=2`);
});
