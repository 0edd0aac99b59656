import { nodeThere } from '../support/slowness';
import type { Figure, Goal } from './figure';
import { judge, type Verdict } from './judge';

/** What one run of `npm run bench` measured, and where. */
export interface BenchRun {
  date: string;
  form: 'full' | 'short';
  machine: {
    cores: number;
    memory_gb: number;
    platform: string;
    load: [before: number, after: number];
    node_ms?: number;
  };
  versions: { courier: string; node: string; tmux: string; claude: string };
  rows: Figure[];
}

/** How many times slower than that one the machine of a run is; one that is faster is held to the same goals. */
const slownessOf = ({ machine }: BenchRun): number => Math.max(1, (machine.node_ms ?? nodeThere) / nodeThere);

const columns = [
  'figure',
  'us',
  'the alternative',
  'ratio',
  'floor',
  'above it',
  'goal',
  'result',
  'least – most',
  'runs',
];

/** A number in as many digits as it is good for. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (!Number.isFinite(value) || size >= 100) return String(Math.round(value));
  return String(Number(value.toPrecision(size >= 10 ? 3 : 2)));
}

const goalText = ({ at, value, of }: Goal, unit: string): string => {
  const sign = at === 'most' ? '≤' : '≥';
  if (of === 'ratio to the alternative') return `${sign} ${short(value)} ×`;
  return `${sign} ${of === 'above the floor' ? 'floor + ' : ''}${short(value)} ${unit}`;
};

const outcomeText = ({ goal, value, outcome }: Verdict): string =>
  goal.of === 'value' || outcome === 'met' ? outcome : `${outcome} (${short(value)})`;

/** The cells of a figure, in the order of the columns. */
function cells(figure: Figure, slowness: number): string[] {
  const { name, unit, us, alternative, floor, goals, runs } = figure;
  const of = (value: number | undefined) => (value === undefined ? '' : `${short(value)} ${unit}`);
  const verdicts = judge(figure, slowness);
  return [
    name,
    of(us),
    alternative ? `${of(alternative.value)} (${alternative.name})` : '',
    alternative ? short(us / alternative.value) : '',
    of(floor),
    of(floor === undefined ? undefined : us - floor),
    goals.map((goal) => goalText(goal, unit)).join('; '),
    verdicts.map(outcomeText).join('; '),
    figure.spread.map(short).join(' – '),
    String(runs),
  ];
}

const heading = ({ date, form, machine, versions: v }: BenchRun): string =>
  `${date.slice(0, 10)}, ${form} form: ${machine.cores} cores, ${machine.memory_gb} GB, ${machine.platform}, ` +
  `load ${machine.load.map(short).join(' to ')}${machine.node_ms ? `, an empty Node process in ${short(machine.node_ms)} ms` : ''}; Node ${v.node}, ${v.tmux}, Claude Code ${v.claude}`;

const notesOf = (run: BenchRun): string[] =>
  run.rows.filter((row) => row.note).map((row) => `${row.name}: ${row.note}`);

/** The table for a terminal, with what is to be said to single rows below it. */
export function textTable(run: BenchRun): string {
  const rows = [columns, ...run.rows.map((row) => cells(row, slownessOf(run)))];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]!))
      .join('  ')
      .trimEnd(),
  );
  return [heading(run), '', ...lines, '', ...notesOf(run)].join('\n');
}

/** The same table in Markdown. */
export function markdownTable(run: BenchRun): string {
  const line = (row: readonly string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const notes = notesOf(run).map((note) => `- ${note}`);
  return [
    `Measured on ${heading(run)}.`,
    '',
    line(columns),
    line(columns.map(() => '---')),
    ...run.rows.map((row) => line(cells(row, slownessOf(run)))),
    '',
    ...notes,
  ].join('\n');
}

/** How many figures of a run reached at least half of each of their goals, and which did not. */
export function counts(run: BenchRun): { passed: number; failed: string[] } {
  const failed = run.rows.filter((row) => judge(row, slownessOf(run)).some(({ outcome }) => outcome === 'failed'));
  return { passed: run.rows.length - failed.length, failed: failed.map((row) => row.name) };
}
