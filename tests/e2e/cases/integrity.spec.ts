// The module must be the one that its hash says.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expectFailure, type Answer, type App } from '../app.js';
import { expect, test } from '../fixtures.js';

const WASM = '/pkg/scopewise_bg.wasm';
const bytes = readFileSync(new URL(`../../..${WASM}`, import.meta.url));
const hash = (algorithm: string, of: Buffer = bytes) => `${algorithm}-${createHash(algorithm).update(of).digest('base64')}`;
const OTHER = Buffer.from('another module');

/** What `init` makes of each source, on a package of its own, and whether a client opens there afterwards. */
const initAll = (app: App, names: readonly string[], integrity: unknown): Promise<Record<string, Answer>> => app.page.evaluate(async ([names, integrity, wasm, options]) => {
  const buffer = await (await fetch(wasm)).arrayBuffer();
  const sources: Record<string, () => unknown> = {
    default: () => undefined, path: () => wasm, URL: () => new URL(wasm, location.href), Request: () => new Request(wasm), Response: () => new Response(buffer.slice()),
    'application/wasm': () => fetch(wasm), bytes: () => buffer, view: () => new Uint8Array(buffer), DataView: () => new DataView(buffer), module: () => WebAssembly.compile(buffer),
  };
  const found: Record<string, any> = {};
  for (const name of names) {
    const own = await import(`/pkg/index.js?${Math.random()}`);
    const source = name === 'module' ? await sources[name]!() : sources[name]!();
    found[name] = await kit.settle(() => own.init(source, { integrity }));
    // Whoever asked for a hash gets no module without it.
    const opens = await kit.settle(async () => void (await own.createClient(options)));
    found[name].opens = opens.error?.code ?? 'opens';
  }
  return found;
}, [names, integrity, WASM, app.options()] as const);

/** Each package of its own has a class of errors of its own. */
function expectRefused(found: Answer | undefined, code: string): void {
  expect(found!.value).toBeUndefined();
  expect(found!.error).toMatchObject({ name: 'AuthError', code });
}

const SOURCES = ['default', 'path', 'URL', 'Request', 'Response', 'application/wasm', 'bytes', 'view', 'DataView'];

test('the hash that the package tells is right for its module, wherever that comes from', async ({ app }) => {
  const told = await app.page.evaluate(async (path) => (await import(path)).integrity, '/pkg/integrity.js');
  expect(told).toBe(hash('sha384'));
  for (const found of Object.values(await initAll(app, SOURCES, told))) expect(found).toEqual({ opens: 'opens' });
});

test('a module with another hash is not run: the error names both', async ({ app }) => {
  const wanted = hash('sha384', OTHER);
  for (const found of Object.values(await initAll(app, SOURCES, wanted))) {
    expectRefused(found, 'wasm_unavailable');
    for (const part of [hash('sha384'), wanted, 'integrity.js']) expect(found.error!.message).toContain(part);
    expect(found).toMatchObject({ opens: 'wasm_unavailable' });
  }
});

test('of several hashes the strongest counts, and any of its kind will do', async ({ app }) => {
  const [right, wrong] = [(algorithm: string) => hash(algorithm), (algorithm: string) => hash(algorithm, OTHER)];
  const cases: [string, string][] = [
    [right('sha256'), 'opens'], [right('sha512'), 'opens'], [` ${wrong('sha256')}\n${right('sha512')} `, 'opens'], [`${wrong('sha384')} ${right('sha384')}?later`, 'opens'],
    [`${right('sha256')} ${wrong('sha384')}`, 'wasm_unavailable'], [`${right('sha384')} ${wrong('sha512')}`, 'wasm_unavailable'],
  ];
  for (const [integrity, expected] of cases) expect(await initAll(app, ['bytes'], integrity)).toMatchObject({ bytes: { opens: expected } });
});

test('what is no hash, or cannot be compared with one, is refused by its name', async ({ app }) => {
  const malformed = ['', ' ', 'sha384', 'sha384-', 'sha384-abc', hash('sha256').replace('sha256', 'sha384'), hash('md5'), hash('sha384').toLowerCase().replace('-', '_'), 7, null, [hash('sha384')], `${hash('sha384')} sha1-x`];
  for (const integrity of malformed) {
    const { bytes: found } = await initAll(app, ['bytes'], integrity);
    expectRefused(found, 'invalid_options');
    expect(found!.error!.message).toContain('"integrity"');
  }
  const { module } = await initAll(app, ['module'], hash('sha384'));
  expectRefused(module, 'invalid_options');
  expect(module!.error!.message).toContain('WebAssembly.Module');
  const unknown = await app.page.evaluate(() => kit.settle(() => kit.init(undefined, { hash: 'x' } as never)));
  expectFailure(unknown, 'invalid_options');
  expect(unknown.error!.message).toContain('"hash"');
});

test('a hash is for the module that is not loaded yet', async ({ app }) => {
  const answers = await app.page.evaluate(async ([first, second]) => {
    const init = (integrity?: string) => kit.settle(() => kit.init(undefined, integrity === undefined ? undefined : { integrity }));
    return [await init(first), await init(first), await init(), await init(second)];
  }, [hash('sha384'), hash('sha256')] as const);
  expect(answers.slice(0, 3)).toEqual([{}, {}, {}]);
  expectFailure(answers[3]!, 'invalid_options');
  await app.open();
  await app.goto();
  await app.open();
  const late = await app.page.evaluate((integrity) => kit.settle(() => kit.init(undefined, { integrity })), hash('sha384'));
  expectFailure(late, 'invalid_options');
  expect(late.error!.message).toContain('createClient');
});

test('a module that was fetched before the hash was known is not used', async ({ app, page }) => {
  let served = 0;
  await page.route('**/*.wasm', async (route) => {
    served += 1;
    // The first is the one that the script fetches by itself.
    if (served === 1) await route.fulfill({ contentType: 'application/wasm', body: Buffer.from([0, 97, 115, 109, 1, 0, 0, 0]) });
    else await route.fallback();
  });
  await app.goto();
  await expect.poll(() => served).toBe(1);
  expect(await page.evaluate((integrity) => kit.settle(() => kit.init(undefined, { integrity })), hash('sha384'))).toEqual({});
  expect(served).toBe(2);
  await app.open();
});

test('without crypto.subtle nothing is loaded unchecked', async ({ app }) => {
  await app.page.evaluate(() => Object.defineProperty(crypto, 'subtle', { value: undefined }));
  const { default: found } = await initAll(app, ['default'], hash('sha384'));
  expectRefused(found, 'invalid_options');
  expect(found!.error!.message).toMatch(/secure context.*https/);
});
