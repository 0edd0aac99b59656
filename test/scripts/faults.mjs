// npm run test:faults [-- --short] [--markdown] [NAME ...]: every fault of test/faults/ (NAME is one of its files), one row a fault.
// The full form runs the kills of test/kills/, too; rows are kept in test/.output/faults.json. Ends with "N passed, N failed".
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { exitOnSignals } from '../harness/sandbox.mjs';
import { mocha, phases, runPhase } from './phases.mjs';
import { build, ensureClaude, ensurePackages, repo } from './prepare.mjs';
import { ensureTools } from './tools.mjs';

const args = process.argv.slice(2);
const short = args.includes('--short');
const markdown = args.includes('--markdown');
const named = args.filter((a) => !a.startsWith('--'));
const output = path.join(repo, 'test/.output');
const rowsFile = path.join(output, 'fault-rows.jsonl');

/** How many files run at a time: they mostly wait, for terminals and clocks; the tries of the full form do so less. */
const sideBySide = short ? 6 : 3;

/** Those that take longest, which begin first, so that none is left alone at the end. */
const long = ['soak', 'kills', 'tmux', 'tmuxHangs', 'denied', 'sending', 'runners', 'output'];

/** What is run, by name: a file of test/faults/ each, and the kills, which need a real Claude Code. */
function parts() {
  const files = fs.readdirSync(path.join(repo, 'test/faults')).filter((f) => f.endsWith('.test.ts'));
  const names = files.map((f) => f.slice(0, -'.test.ts'.length)).sort();
  const all = Object.fromEntries(
    names.map((n) => [n, { args: mocha('faults', `${n}.test.js`), tests: ['faults'], tools: ['tmux'], limit: 19 }]),
  );
  const everything = { ...all, kills: phases.kills };
  const unknown = named.filter((n) => !(n in everything));
  if (unknown.length)
    throw new Error(`No such faults: ${unknown.join(', ')}. There are: ${Object.keys(everything).join(', ')}`);
  const chosen = named.length ? named : Object.keys(short ? all : everything);
  const inOrder = [...long.filter((n) => chosen.includes(n)), ...chosen.filter((n) => !long.includes(n))];
  return inOrder.map((n) => [n, everything[n]]);
}

/** Runs the parts, so many at a time; returns what each came to. */
async function run(queue) {
  const results = [];
  const alone = queue.length === 1;
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await runPhase(next[0], alone, next[1]));
  };
  await Promise.all(Array.from({ length: Math.min(sideBySide, queue.length) }, worker));
  return results;
}

function readRows() {
  if (!fs.existsSync(rowsFile)) return [];
  const lines = fs.readFileSync(rowsFile, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line)).sort((a, b) => a.fault.localeCompare(b.fault));
}

const columns = ['tried', 'survived', 'lost', 'doubled', 'wrong'];
const noteOf = (row) =>
  [row.not_run && `not run: ${row.not_run}`, row.simulated && `simulated: ${row.simulated}`].filter(Boolean).join('; ');
const cells = (row) => [...columns.map((c) => (row.not_run ? '–' : String(row[c]))), row.seconds.toFixed(1)];

function plainTable(rows) {
  const head = ['fault', ...columns, 's', 'note'];
  const body = rows.map((row) => [row.fault, ...cells(row), noteOf(row)]);
  const widths = head.map((_, i) => Math.max(...[head, ...body].map((r) => r[i].length)));
  const numeric = (i) => i > 0 && i < head.length - 1;
  const line = (r) => r.map((c, i) => (numeric(i) ? c.padStart(widths[i]) : c.padEnd(widths[i]))).join('  ');
  return [head, ...body].map((r) => line(r).trimEnd()).join('\n');
}

function markdownTable(rows) {
  const line = (r) => `| ${r.map((c) => c.replaceAll('|', '\\|')).join(' | ')} |`;
  const head = ['fault', ...columns, 'seconds'];
  const body = rows.map((row) => {
    const note = noteOf(row);
    return line([note ? `${row.fault} (${note})` : row.fault, ...cells(row)]);
  });
  return [line(head), `|---${'|--:'.repeat(head.length - 1)}|`, ...body].join('\n');
}

function versions() {
  const first = (command, ...given) => spawnSync(command, given, { encoding: 'utf8' }).stdout?.trim();
  const { version } = JSON.parse(fs.readFileSync(path.join(repo, 'package.json'), 'utf8'));
  return {
    tmux_courier: version,
    node: process.version,
    tmux: first('tmux', '-V'),
    os: `${os.type()} ${os.release()}`,
  };
}

exitOnSignals();
fs.mkdirSync(output, { recursive: true });
fs.rmSync(rowsFile, { force: true });
process.env.FAULT_ROWS = rowsFile;
process.env.FAULT_FORM = short ? 'short' : 'full';
const begun = new Date();
let results = [];
try {
  const chosen = parts();
  ensureTools([...new Set(chosen.flatMap(([, part]) => part.tools))]);
  ensurePackages();
  build([...new Set(chosen.flatMap(([, part]) => part.tests)), 'support']);
  if (chosen.some(([, part]) => part.claude)) ensureClaude();
  results = await run(chosen);
} catch (e) {
  console.error(e.message);
  results.push({ passed: 0, failed: 1, line: 'stopped before its end' });
}
const rows = readRows();
fs.rmSync(rowsFile, { force: true });
const memory_gb = Math.round(os.totalmem() / 2 ** 30);
const machine = { cores: os.cpus().length, memory_gb, root: process.getuid?.() === 0 };
const minutes = (Date.now() - begun.getTime()) / 60_000;
const report = {
  date: begun.toISOString(),
  form: process.env.FAULT_FORM,
  machine,
  versions: versions(),
  minutes,
  rows,
};
fs.writeFileSync(path.join(output, 'faults.json'), `${JSON.stringify(report, null, 2)}\n`);

console.log(`\n${results.map((r) => r.line).join('\n')}\n`);
console.log(rows.length ? (markdown ? markdownTable : plainTable)(rows) : 'no rows');
const total = (key) => rows.reduce((n, row) => n + row[key], 0);
console.log(
  `\n${rows.length} faults, ${columns.map((c) => `${total(c)} ${c}`).join(', ')}; ${minutes.toFixed(1)} minutes, ${machine.cores} cores, ${memory_gb} GB`,
);
const sum = (key) => results.reduce((n, r) => n + r[key], 0);
const wrong = results.flatMap((r) => r.names ?? []);
if (wrong.length) console.log(`\nWhat failed:\n  ${wrong.join('\n  ')}\n`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') ? 1 : 0;
