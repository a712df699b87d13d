// The table that the benchmark prints.
import { LIBRARIES, type Library } from './clients.js';
import { median, ratio, type Taken } from './rounds.js';

export interface Row {
  readonly measure: string;
  /** By library; where there is none, the library has no such thing, or failed at it. */
  readonly cells: Partial<Record<Library, string>>;
  /** What the ratios are to. */
  readonly base?: string;
  /** How many, where it is measured in rounds: fewer on a machine that is busy. */
  readonly rounds?: number;
  readonly wanted?: string;
  readonly met?: boolean;
}

export const number = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2));

/** From milliseconds. */
const duration = (ms: number): string => (ms >= 1 ? `${number(ms)} ms` : ms >= 1e-3 ? `${number(ms * 1e3)} µs` : `${number(ms * 1e6)} ns`);

/** A row of ratios to the hand-written client. */
export function ratios(measure: string, taken: Taken, wanted?: number): Row {
  const found = LIBRARIES.map((library) => [library, ratio(taken, library)] as const);
  const cells = Object.fromEntries(found.filter(([, value]) => value !== undefined).map(([library, value]) => [library, number(value!)]));
  const own = found.find(([library]) => library === 'scopewise')?.[1];
  const base = duration(median(taken.get('baseline')!));
  return { measure, cells, base, rounds: taken.get('baseline')!.length, ...(wanted !== undefined && { wanted: `≤ ${wanted}`, met: own !== undefined && own <= wanted }) };
}

const HEAD = ['measure', ...LIBRARIES, 'hand-written', 'rounds', 'wanted', 'met'];

function lines(rows: readonly Row[]): string[][] {
  return rows.map(({ measure, cells, base = '–', rounds, wanted = '–', met }) => [
    measure, ...LIBRARIES.map((library) => cells[library] ?? '–'), base, String(rounds ?? '–'), wanted, met === undefined ? '–' : met ? 'yes' : 'no',
  ]);
}

/** The same text for the terminal and for markdown: a table with its columns aligned. */
export function table(rows: readonly Row[]): string {
  const all = [HEAD, ...lines(rows)];
  const widths = HEAD.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  const row = (line: string[], fill = ' ') => `| ${line.map((cell, column) => cell.padEnd(widths[column]!, fill)).join(' | ')} |`;
  return [row(HEAD), row(HEAD.map(() => ''), '-'), ...all.slice(1).map((line) => row(line))].join('\n');
}
