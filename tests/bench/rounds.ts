// Rounds in which the clients take turns, so that what else the machine does meets them alike.
import type { ClientName, Library } from './clients.js';

export function median(values: readonly number[]): number {
  if (!values.length) throw new Error('nothing was measured');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What came of each client in each round, in milliseconds; NaN where it failed. */
export type Taken = Map<ClientName, number[]>;

/** With fewer rounds a median says little. */
const FEWEST = 5;

/**
 * So many rounds, or as many as fit into the seconds on a machine that is busy. Every round begins with another client.
 * A client that fails is left out from then on; the hand-written one and the package may not.
 */
export async function rounds(count: number, seconds: number, clients: readonly ClientName[], measure: (client: ClientName) => Promise<number>): Promise<Taken> {
  const taken: Taken = new Map(clients.map((client) => [client, []]));
  const failed = new Set<ClientName>();
  const end = Date.now() + seconds * 1000;
  for (let round = 0; round < count && (round < FEWEST || Date.now() < end); round += 1) {
    for (let turn = 0; turn < clients.length; turn += 1) {
      const client = clients[(round + turn) % clients.length]!;
      if (failed.has(client)) continue;
      try {
        taken.get(client)!.push(await measure(client));
      } catch (error) {
        if (client === 'baseline' || client === 'scopewise') throw error;
        console.warn(`${client}: ${String(error).split('\n')[0]}`);
        failed.add(client);
        taken.set(client, []);
      }
    }
  }
  return taken;
}

/** The median of a client's ratios to the hand-written one, round by round; undefined where it failed. */
export function ratio(taken: Taken, client: Library): number | undefined {
  const own = taken.get(client) ?? [];
  const base = taken.get('baseline')!;
  return own.length ? median(own.map((value, round) => value / base[round]!)) : undefined;
}
