// From the click to the request for the authorization endpoint, and whether it is made in the click's own task.
import type { Page } from '@playwright/test';
import { CLIENTS, LIBRARIES, type ClientName, type Library } from '../clients.js';
import { rounds, type Taken } from '../rounds.js';
import { application, fresh, open, signIn, type Setting } from '../setting.js';
import { ratios, type Row } from '../table.js';

const ROUNDS = 15;
const LATER = 10;
/** For as long as this the page is busy after the click's task: what reaches the server meanwhile was asked for in that task. */
const BUSY = 1000;

type Asks = 'signIn' | 'popup' | 'upgrade';

interface Clicked {
  readonly took: number;
  readonly sameTask: boolean;
}

declare global {
  /** The call that the button makes, and who waits for what came of it. */
  var watching: { method: Asks; done?: (clicked: Clicked) => void };
  var asked: Promise<Clicked>;
  var ended: Promise<number>;
}

export async function click(setting: Setting): Promise<Row[]> {
  const later: Taken = new Map(CLIENTS.map((client) => [client, []]));
  const inTask = new Map<ClientName, boolean>(CLIENTS.map((client) => [client, true]));
  const first = await rounds(ROUNDS, 18, CLIENTS, (client) => fresh(setting, async (context) => {
    const page = await application(setting, context, client);
    await open(page);
    await watch(page);
    // The module has settled, as it has when a person clicks.
    await page.waitForTimeout(50);
    const { took, sameTask } = await clicked(page);
    inTask.set(client, inTask.get(client)! && sameTask);
    const more: number[] = [];
    for (let call = 0; call < LATER; call += 1) more.push((await clicked(page)).took);
    later.get(client)!.push(more.sort((a, b) => a - b)[LATER >> 1]!);
    return took;
  }));
  return [
    ratios('click to authorization URL, first call', first, 1.3),
    ratios('click to authorization URL, later calls', later, 1.3),
    yesNo('redirect asked for in the click\'s task', new Map(LIBRARIES.map((client) => [client, inTask.get(client)!]))),
    yesNo('popup asked for in the click\'s task', await popups(setting)),
    yesNo('upgrade asked for in the click\'s task', new Map([['scopewise', await upgrades(setting)]])),
  ];
}

function yesNo(measure: string, found: ReadonlyMap<Library, boolean>): Row {
  const cells = Object.fromEntries([...found].map(([client, is]) => [client, is ? 'yes' : 'no']));
  return { measure, cells, wanted: 'yes', met: found.get('scopewise') === true };
}

/** The page's button makes the call. A navigation is noted when it is asked for, and then prevented. */
function watch(page: Page, method: Asks = 'signIn'): Promise<void> {
  return page.evaluate((method) => {
    globalThis.watching = { method };
    let began = 0;
    let sameTask = true;
    (globalThis as any).navigation.addEventListener('navigate', (event: Event) => {
      const took = performance.now() - began;
      event.preventDefault();
      watching.done?.({ took, sameTask });
    });
    document.querySelector('button')!.addEventListener('click', () => {
      // The first task after this one.
      const { port1, port2 } = new MessageChannel();
      sameTask = true;
      port1.onmessage = () => void (sameTask = false);
      port2.postMessage(undefined);
      began = performance.now();
      void bench.client[watching.method]!({ prompt: 'consent' });
    });
  }, method);
}

/** A real click, and what came of it. */
async function clicked(page: Page): Promise<Clicked> {
  await page.evaluate(() => void (globalThis.asked = new Promise((resolve) => (watching.done = resolve))));
  const { x, y } = await page.evaluate(() => document.querySelector('button')!.getBoundingClientRect().toJSON());
  await page.mouse.click(x + 5, y + 5);
  return page.evaluate(() => Promise.race([
    asked,
    new Promise<never>((_, reject) => setTimeout(() => reject(new Error('nothing was asked for')), 5000)),
  ]));
}

/** A popup's own navigation shows to nobody but the server. */
async function popups(setting: Setting): Promise<Map<Library, boolean>> {
  const found = new Map<Library, boolean>();
  for (const client of LIBRARIES) {
    found.set(client, await fresh(setting, async (context) => {
      const page = await application(setting, context, client);
      await open(page);
      let arrived = Infinity;
      await context.route((url) => url.href.startsWith(setting.server.origin), async (route) => {
        arrived = Math.min(arrived, Date.now());
        await route.fulfill({ body: 'Sign in', contentType: 'text/plain' });
      });
      await page.waitForTimeout(50);
      await page.evaluate((busy) => {
        document.querySelector('button')!.addEventListener('click', () => {
          const { port1, port2 } = new MessageChannel();
          globalThis.ended = new Promise((resolve) => {
            port1.onmessage = () => {
              const until = Date.now() + busy;
              while (Date.now() < until);
              resolve(Date.now());
            };
          });
          port2.postMessage(undefined);
          Promise.resolve(bench.client.popup!({ prompt: 'consent' })).catch(() => {});
        });
      }, BUSY);
      await page.click('button');
      const free = await page.evaluate(() => ended);
      return arrived < free;
    }));
  }
  return found;
}

async function upgrades(setting: Setting): Promise<boolean> {
  return fresh(setting, async (context) => {
    const page = await application(setting, context, 'scopewise');
    await open(page);
    await signIn(setting, page, 'scopewise');
    await watch(page, 'upgrade');
    await page.waitForTimeout(50);
    return (await clicked(page)).sameTask;
  });
}
