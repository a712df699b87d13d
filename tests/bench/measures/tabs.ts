// Five tabs whose token has run out ask for one at the same moment: how many refresh requests that makes, and how many grants it costs.
import type { BrowserContext, Page } from '@playwright/test';
import { LIBRARIES, type Library } from '../clients.js';
import { TOKEN_SECONDS } from '../provider.js';
import { application, fresh, open, signIn, type Setting } from '../setting.js';
import type { Row } from '../table.js';

const TABS = 5;
const TRIALS = 30;
/** The ID token outlasts so many access tokens; then a new session is due. */
const TRIALS_A_SESSION = 10;
/** The package does all trials; with others it ends earlier on a machine that is busy. */
const SECONDS = 12;

interface Outcome {
  readonly trials: number;
  readonly refreshes: number;
  readonly lost: number;
}

export async function tabs(setting: Setting): Promise<Row[]> {
  const found = new Map<Library, Outcome>();
  for (const client of LIBRARIES) found.set(client, await trials(setting, client));
  const { refreshes, lost } = found.get('scopewise')!;
  const cells = (count: (outcome: Outcome) => number) => Object.fromEntries([...found].map(([client, outcome]) => [client, `${count(outcome)} in ${outcome.trials}`]));
  return [
    { measure: 'five tabs at once on an expired token: refresh requests', cells: cells(({ refreshes }) => refreshes), wanted: `${TRIALS} in ${TRIALS}`, met: refreshes === TRIALS },
    { measure: 'five tabs at once on an expired token: grants lost', cells: cells(({ lost }) => lost), wanted: '0', met: lost === 0 },
  ];
}

async function trials(setting: Setting, client: Library): Promise<Outcome> {
  const sum = { trials: 0, refreshes: 0, lost: 0 };
  const end = client === 'scopewise' ? Infinity : Date.now() + SECONDS * 1000;
  const more = () => sum.trials < TRIALS && Date.now() < end;
  while (more()) {
    await fresh(setting, async (context) => {
      const pages = await signedIn(setting, context, client);
      for (let trial = 0; trial < TRIALS_A_SESSION && more(); trial += 1) {
        const before = setting.server.counted(client);
        const failed = await together(pages);
        sum.trials += 1;
        const after = setting.server.counted(client);
        sum.refreshes += after.refreshes - before.refreshes;
        if (after.revoked === before.revoked && !failed) continue;
        // The session is over, and the next trial needs one.
        sum.lost += 1;
        return;
      }
    });
  }
  return sum;
}

/** Five tabs with one session, kept where all of them find it. */
async function signedIn(setting: Setting, context: BrowserContext, client: Library): Promise<Page[]> {
  const { apps } = setting;
  await context.addInitScript(() => localStorage.setItem('shared', 'yes'));
  const first = await application(setting, context, client);
  await open(first);
  await signIn(setting, first, client);
  const pages = [first];
  while (pages.length < TABS) pages.push(await application(setting, context, client));
  await first.goto(`${apps.origin}/app/${client}`);
  for (const page of pages) {
    await open(page);
    await page.evaluate(() => bench.client.token());
  }
  return pages;
}

/** True where a tab got no token. */
async function together(pages: readonly Page[]): Promise<boolean> {
  const at = Date.now() + 40;
  const answers = await Promise.all(pages.map((page) => page.evaluate(async ([at, seconds]) => {
    const wait = at - (Date.now() - bench.ahead * 1000);
    await new Promise((resolve) => setTimeout(resolve, wait));
    bench.ahead += seconds;
    return bench.client.token().then(() => true, () => false);
  }, [at, TOKEN_SECONDS + 50] as const)));
  return answers.includes(false);
}
