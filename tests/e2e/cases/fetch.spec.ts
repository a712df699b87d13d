// Calls of APIs: who gets a token, and what their answers mean.
import { call, insufficient, popups, refusal, signedIn, test } from '../api.js';
import { expectFailure } from '../app.js';
import { expect } from '../fixtures.js';

test('a trusted API gets the token, and the response is the API’s', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: { scope: 'read:x' } });
  api.answer = ({ method, body }) => ({ status: 201, body: `${method} ${body}` });
  expect((await call(app, `${api.origin}/things?x=1#part`, { method: 'POST', body: 'tea', scope: 'read:x' })).value).toEqual({ status: 201, body: 'POST tea' });
  expect(api.received.map(({ path }) => path)).toEqual(['/things?x=1']);
  expect(api.tokens()).toEqual(['access-1']);
});

test('C188 another origin gets nothing, whatever it would ask for', async ({ app, api, stranger }) => {
  await signedIn(app, { [`${api.origin}/v1`]: {} });
  stranger.answer = () => insufficient('admin');
  for (const url of [stranger.origin, `${api.origin}/v2`, `${api.origin}/v1/../v2`, `${api.origin}/v1/%2e%2e/v2`, `${api.origin}/v10`, `${api.origin}/v1/..%2fv2`]) {
    expectFailure(await call(app, url, { onMissing: 'popup' }), 'untrusted_origin');
  }
  expect([...stranger.received, ...api.received]).toEqual([]);
});

test('C188 a challenge leads to no scope that challengeScope does not list', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: { challengeScope: ['write:x', 'delete:x'] }, [`${api.origin}/none`]: { challengeScope: [] } });
  api.answer = () => insufficient('admin');
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'insufficient_scope', { missing: [] });
  api.answer = () => insufficient('read:x admin');
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'insufficient_scope', { missing: [] });
  api.answer = () => insufficient('write:x');
  expectFailure(await call(app, `${api.origin}/none`, { onMissing: 'popup' }), 'insufficient_scope', { missing: [] });
  expect(asked).toEqual([]);
  api.answer = ({ headers }) => (headers.authorization === 'Bearer access-1' ? insufficient('write:x admin') : {});
  expect((await call(app, api.origin, { onMissing: 'popup' })).value).toMatchObject({ status: 200 });
  expect(asked.map((url) => new URL(url).searchParams.get('scope'))).toEqual(['openid read:x write:x']);
});

test('the page’s own origin gets the token', async ({ app, page }) => {
  await signedIn(app, undefined);
  for (const url of ['/own', `${app.origin}/own`]) {
    const [request] = await Promise.all([page.waitForRequest(`${app.origin}/own`), call(app, url)]);
    expect(await request.headerValue('authorization')).toBe('Bearer access-1');
  }
  await page.route('**/own', (route) => route.fulfill({ status: 403, body: 'not yours' }));
  expect((await call(app, '/own')).value).toEqual({ status: 403, body: 'not yours' });
});

test('scopes are checked before anything is sent', async ({ app, api }) => {
  await app.open({ scope: 'openid read:x', apis: { [api.origin]: { scope: 'write:x' }, [`${api.origin}/open`]: {} } });
  expectFailure(await call(app, `${api.origin}/open`), 'not_signed_in');
  await app.signIn();
  expectFailure(await call(app, api.origin), 'missing_scope', { missing: ['write:x'] });
  expectFailure(await call(app, api.origin, { scope: ['read:x', 'admin'] }), 'missing_scope', { missing: ['write:x', 'admin'] });
  expectFailure(await call(app, `${api.origin}/open`, { scope: 'READ:x' }), 'missing_scope', { missing: ['READ:x'] });
  expect(api.received).toEqual([]);
  expect((await call(app, `${api.origin}/open`, { scope: 'read:x' })).value?.status).toBe(200);
});

test('the longest prefix says whose token it is', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {}, [`${api.origin}/v2/`]: { audience: 'two' }, [`${api.origin}/v2/files`]: { resource: ['urn:a', 'urn:b'] as never } });
  expectFailure(await call(app, `${api.origin}/v2/x`), 'missing_scope');
  for (const target of [{ audience: 'two' }, { resource: ['urn:a', 'urn:b'] }]) {
    await app.handle(app.server.approve(await app.ask('upgrade', 'read:x', target)));
  }
  for (const path of ['/', '/v2', '/v2/x', '/v2/file', '/v2/files', '/v2/files/1', '/v2/x?/v2/files']) await call(app, api.origin + path);
  expect(api.tokens()).toEqual(['access-1', 'access-1', 'access-2', 'access-2', 'access-3', 'access-3', 'access-2']);
  await call(app, `${api.origin}/v2/files`, { audience: 'two' });
  expect(api.tokens().at(-1)).toBe('access-2');
});

test('C250 a redirect is followed within the prefix; elsewhere the token does not go, and nothing comes back', async ({ app, api, stranger }) => {
  await signedIn(app, { [`${api.origin}/v1`]: {} });
  const redirects: Record<string, string> = { '/v1/in': '/v1/end', '/v1/out': '/v2', '/v1/away': `${stranger.origin}/v1/end`, '/v1/home': `${app.origin}/own` };
  api.answer = ({ path }) => (redirects[path] ? { status: 302, headers: { location: redirects[path] } } : { body: 'secret' });
  expect((await call(app, `${api.origin}/v1/in`)).value).toEqual({ status: 200, body: 'secret' });
  expectFailure(await call(app, `${api.origin}/v1/out`), 'untrusted_origin');
  expectFailure(await call(app, `${api.origin}/v1/away`, { onMissing: 'popup' }), 'untrusted_origin');
  expect(stranger.received.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  expect(api.tokens().every((token) => token === 'access-1')).toBe(true);
  expect((await call(app, `${api.origin}/v1/in`, { redirect: 'manual' })).value).toMatchObject({ status: 0 });
  expectFailure(await call(app, `${api.origin}/v1/in`, { redirect: 'error' }), 'network', { retryable: true });
});

test('C180 no scope is guessed; what the caller named for the call counts', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  api.answer = () => refusal('Bearer error="insufficient_scope"');
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'challenge_unreadable', { status: 403 });
  expectFailure(await call(app, api.origin, { scope: 'read:x', onMissing: 'popup' }), 'upgrade_loop');
  api.answer = () => refusal('Bearer scope="read:x write:x"');
  expectFailure(await call(app, api.origin), 'insufficient_scope', { missing: ['write:x'], status: 403 });
});

test('C181 scopes that are granted already are not asked for again', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  api.answer = () => insufficient('read:x');
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'upgrade_loop', { status: 403 });
  expectFailure(await call(app, api.origin, { onMissing: 'redirect' }), 'upgrade_loop');
  expect(asked).toEqual([]);
  expect(api.received).toHaveLength(2);
});

test('C182 all challenges of all header lines are read', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  const asks = 'Bearer error="insufficient_scope", scope="write:x"';
  for (const challenge of [['Basic realm="x, y"', asks], [asks, 'Negotiate abc=='], `Newauth a="Bearer scope=\\"admin\\"", ${asks}, Digest scope="b"`]) {
    api.answer = () => refusal(challenge, 401);
    expectFailure(await call(app, api.origin), 'insufficient_scope', { missing: ['write:x'], status: 401 });
  }
});

test('C184 lenient where nothing is lost; else the response is given back as it came', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  for (const challenge of ['Bearer error=insufficient_scope, scope=write:x', 'Bearer ERROR = "insufficient_scope" , Scope = "write:x"', 'Negotiate abc==, Bearer scope="write:x"']) {
    api.answer = () => refusal(challenge);
    expectFailure(await call(app, api.origin), 'insufficient_scope', { missing: ['write:x'] });
  }
  for (const challenge of ['Bearer error="insufficient_scope", scope="a", scope="b"', 'Bearer error="insufficient_scope", scope="write:x']) {
    api.answer = () => refusal(challenge);
    expect((await call(app, api.origin)).value).toEqual({ status: 403, body: 'no' });
  }
});

test('C185 a scheme is the same in any case', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  for (const scheme of ['bearer', 'BEARER', 'DPOP', 'dpop']) {
    api.answer = () => refusal(`${scheme} error="insufficient_scope", scope="write:x"`);
    expectFailure(await call(app, api.origin), 'insufficient_scope', { missing: ['write:x'] });
  }
});

test('C186 a header of thousands of challenges is read; a longer one than servers send is not, and nothing is sent again', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  const asks = 'Bearer error="insufficient_scope", scope="write:x"';
  for (const filler of ['a, ', 'Basic a="\\\\", ', 'Bearer scope="'.repeat(2)]) {
    api.answer = () => refusal(filler.repeat(200_000 / filler.length) + asks);
    expect((await call(app, api.origin)).value).toEqual({ status: 403, body: 'no' });
  }
  api.answer = () => refusal('Basic a=b, '.repeat(1400) + asks);
  expectFailure(await call(app, api.origin), 'insufficient_scope', { missing: ['write:x'] });
  expect(api.received).toHaveLength(4);
});

test('C190 a demand that makes no sense is dropped', async ({ app, api, context }) => {
  const asked = popups(context, app);
  await signedIn(app, { [api.origin]: {} });
  for (const age of ['-1', '"abc"', '1e99', '"99999999999999999999"']) {
    api.answer = () => refusal(`Bearer error="insufficient_user_authentication", max_age=${age}`, 401);
    expect((await call(app, api.origin, { onMissing: 'popup' })).value).toEqual({ status: 401, body: 'no' });
  }
  api.answer = () => refusal('Bearer error="insufficient_user_authentication"', 401);
  expectFailure(await call(app, api.origin, { onMissing: 'popup' }), 'insufficient_user_authentication', { status: 401 });
  expect(asked).toEqual([]);
});

test('an answer that the page may not read is said to be so', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  api.exposes = false;
  api.answer = () => insufficient('write:x');
  const answer = await call(app, api.origin, { onMissing: 'popup' });
  expectFailure(answer, 'challenge_unreadable', { status: 403 });
  expect(answer.error!.message).toContain('Access-Control-Expose-Headers');
  api.answer = () => ({ status: 500, body: 'sorry' });
  expect((await call(app, api.origin)).value).toEqual({ status: 500, body: 'sorry' });
});

test('a token that the API does not take: the response as it came', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  api.answer = () => refusal('Bearer error="invalid_token"', 401);
  expect((await call(app, api.origin, { onMissing: 'popup' })).value).toEqual({ status: 401, body: 'no' });
  expect(api.received).toHaveLength(1);
});

test('control characters in a challenge change nothing about the call', async ({ app, page }) => {
  await signedIn(app, undefined);
  // Node refuses to send it.
  await page.evaluate(() => {
    const get = Headers.prototype.get;
    Headers.prototype.get = function (name) {
      return name === 'www-authenticate' ? 'Bearer error="insufficient_scope", scope="read:x"\x1eresource=urn:other' : get.call(this, name);
    };
  });
  let calls = 0;
  await page.route('**/own', (route) => {
    calls += 1;
    return route.fulfill({ status: 403 });
  });
  expectFailure(await call(app, '/own'), 'upgrade_loop');
  expect(calls).toBe(1);
});

test('bad options are named', async ({ app, api }) => {
  const bad = async (apis: unknown, name: RegExp, code = 'invalid_options') => {
    const answer = await app.tryOpen({ apis: apis as never });
    expectFailure(answer, code);
    expect(answer.error!.message).toMatch(name);
  };
  for (const apis of [[], 'https://api.example', 7, { 'http://api.example': {} }, { 'https://a@api.example': {} }, { 'https://api.example/?x': {} }, { [api.origin]: 7 }]) await bad(apis, /\bapis\b/);
  await bad({ [api.origin]: { scopes: 'x' } }, /apis has no option "scopes"/);
  for (const challengeScope of [7, null, [7], {}]) await bad({ [api.origin]: { challengeScope } }, /"challengeScope"/);
  await bad({ [api.origin]: { challengeScope: 'a"b' } }, /apis/);
  await bad({ [api.origin]: { scope: 7 } }, /scope/i, 'invalid_scope_syntax');
  await signedIn(app, { [api.origin]: {} });
  for (const onMissing of ['silent', '', null, 7]) {
    const answer = await call(app, api.origin, { onMissing });
    expectFailure(answer, 'invalid_options');
    expect(answer.error!.message).toContain('"onMissing"');
  }
  expectFailure(await call(app, api.origin, { audience: 7 }), 'invalid_options');
  expectFailure(await call(app, api.origin, { scope: 'a"b' }), 'invalid_scope_syntax');
  expect(api.received).toEqual([]);
});

test('the caller’s headers stay, but for an Authorization of their own', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  await call(app, api.origin, { headers: { 'x-trace': 'abc', Authorization: 'Bearer mine', 'content-type': 'text/plain' }, method: 'PUT', body: 'x' });
  expect(api.received[0]).toMatchObject({ method: 'PUT', body: 'x', headers: { 'x-trace': 'abc', authorization: 'Bearer access-1', 'content-type': 'text/plain' } });
  await app.page.evaluate((url) => kit.clients['main'].fetch(new Request(url, { headers: { 'x-trace': 'def', authorization: 'Bearer mine' } })), api.origin);
  expect(api.received[1]).toMatchObject({ headers: { 'x-trace': 'def', authorization: 'Bearer access-1' } });
});

test('an AbortSignal ends the call, before and while it is sent', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  const abort = (late: boolean) => app.page.evaluate(([url, late]) => kit.settle(async () => {
    const { signal, abort } = ((controller) => ({ signal: controller.signal, abort: () => controller.abort() }))(new AbortController());
    if (!late) abort();
    (globalThis as any).abort = abort;
    return (await kit.clients['main'].fetch(url, { signal })).status;
  }), [api.origin, late] as const);
  expect((await abort(false)).error).toMatchObject({ name: 'AbortError' });
  expect(api.received).toEqual([]);
  api.answer = async () => {
    await app.page.evaluate(() => (globalThis as any).abort());
    return {};
  };
  expect((await abort(true)).error).toMatchObject({ name: 'AbortError' });
  expect(api.received).toHaveLength(1);
});

test('what is changed after the call makes no difference: a second try sends the same, to the same place', async ({ app, api, stranger }) => {
  app.server.refreshes = true;
  await signedIn(app, { [api.origin]: {} }, { scope: 'openid read:x offline_access' });
  api.answer = ({ headers }) => (headers.authorization === 'Bearer access-1' ? refusal('Bearer error="invalid_token"', 401) : {});
  const reads = await app.page.evaluate(async ([api, stranger]) => {
    const reads: Record<string, number> = {};
    const once = <T>(name: string, first: T, later: T) => () => ((reads[name] = (reads[name] ?? 0) + 1) > 1 ? later : first);
    const url = new URL(`${api}/url`);
    const pending = kit.clients['main'].fetch(url, { method: 'PUT', body: 'mine', headers: { 'x-trace': 'mine' } });
    url.href = stranger;
    await pending;
    const init = Object.defineProperties({}, Object.fromEntries(Object.entries({
      method: once('method', 'PUT', 'POST'), body: once('body', 'mine', 'theirs'), headers: once<HeadersInit>('headers', { 'x-trace': 'mine' }, { 'x-trace': 'theirs' }),
    }).map(([name, get]) => [name, { enumerable: true, get }])));
    await kit.clients['main'].getAccessToken();
    kit.clients['main'].session;
    const text = { toString: once('url', `${api}/text`, stranger) };
    await kit.clients['main'].fetch(text, init);
    return reads;
  }, [api.origin, stranger.origin] as const);
  expect(reads).toEqual({ method: 1, body: 1, headers: 1, url: 1 });
  expect(stranger.received).toEqual([]);
  expect(api.received.map(({ method, path, body, headers }) => [method, path, body, headers['x-trace'], headers.authorization])).toEqual([
    ['PUT', '/url', 'mine', 'mine', 'Bearer access-1'], ['PUT', '/url', 'mine', 'mine', 'Bearer access-2'], ['PUT', '/text', 'mine', 'mine', 'Bearer access-2'],
  ]);
});

test('nothing is read through Object.prototype', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  await app.page.evaluate(async (url) => {
    const added = { method: 'POST', body: 'theirs', headers: { 'x-trace': 'theirs' }, signal: AbortSignal.abort() };
    for (const [name, value] of Object.entries(added)) Object.defineProperty(Object.prototype, name, { value, configurable: true });
    await kit.clients['main'].fetch(url, { cache: 'no-store' });
    for (const name of Object.keys(added)) delete (Object.prototype as any)[name];
  }, api.origin);
  expect(api.received).toMatchObject([{ method: 'GET', body: '' }]);
  expect(api.received[0]!.headers).not.toHaveProperty('x-trace');
});

test('what the platform rejects with is a typed failure with that as its cause; an abort is its caller’s reason', async ({ app, api }) => {
  await signedIn(app, { [api.origin]: {} });
  api.answer = () => ({ status: 302, headers: { location: '/' } });
  const failures = await app.page.evaluate(async (url) => {
    const told = (input: unknown, init?: object) => kit.clients['main'].fetch(input, init).then(() => 'nothing', ({ name, code, retryable, cause }: any) => [name, code, retryable, cause?.constructor?.name]);
    const body = new Request(url, { method: 'POST', body: 'x' });
    await body.text();
    return {
      url: await told('http://['), credentials: await told(url.replace('http://', 'http://user:pw@')), init: await told(url, { method: 'GET', body: 'x' }), used: await told(body),
      throws: await told({ toString() { throw new RangeError('mine'); } }), safe: await told(url, { redirect: 'error' }), unsafe: await told(url, { method: 'POST', redirect: 'error', body: 'x' }),
      reason: await kit.clients['main'].fetch(url, { signal: AbortSignal.abort('mine') }).catch((reason: unknown) => reason),
      timeout: await kit.clients['main'].fetch(url, { signal: AbortSignal.timeout(0) }).catch((reason: any) => reason.name),
    };
  }, `${api.origin}/away`);
  const invalid = ['AuthError', 'invalid_options', false, 'TypeError'];
  expect(failures).toMatchObject({ url: invalid, credentials: invalid, init: invalid, used: invalid, throws: ['AuthError', 'invalid_options', false, 'RangeError'], safe: ['AuthError', 'network', true, 'TypeError'], unsafe: ['AuthError', 'network', false, 'TypeError'], reason: 'mine', timeout: 'TimeoutError' });
});
