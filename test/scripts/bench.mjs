// npm run bench [-- --short] [--markdown] [--last] [ROW ...]: installs what is missing, builds, measures; ends with
// "N passed, N failed", where failed is a figure below half of its goal. ROW is a file of test/bench/figures, without its
// ending. --markdown prints the table as Markdown; --last measures nothing and prints the last whole run once more.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { exitOnSignals, makeSandbox } from '../harness/sandbox.mjs';
import { leftovers, npmEnv, runGroup } from './phases.mjs';
import { build, ensureClaude, ensurePackages, repo } from './prepare.mjs';
import { ensureTools } from './tools.mjs';

const args = process.argv.slice(2).filter((arg) => arg !== '--');
const options = ['--short', '--markdown', '--last'];
const [isShort, isMarkdown, isLast] = options.map((option) => args.includes(option));
const form = isShort ? 'short' : 'full';
const named = args.filter((arg) => !options.includes(arg));

/** Upper bounds for all in minutes; on a machine that does nothing else it takes half of that or less. */
const limit = { full: 30, short: 5 };
const deadline = Date.now() + limit[form] * 60_000;
const output = path.join(repo, 'test/.output');
const file = path.join(output, { full: 'bench.json', short: 'bench-short.json' }[form]);
const compiled = path.join(repo, 'out/test/bench');
const require = createRequire(import.meta.url);
const json = (name) => JSON.parse(fs.readFileSync(path.join(repo, name), 'utf8'));

/** What the short form leaves out unless it is named: starts of VS Code for which it has no time. */
const fullOnly = ['activation'];

/** All files of figures, in the order of the table; what is not named here comes last. */
function figureFiles() {
  const order = ['warm', 'twoSeconds', 'cold', 'seen', 'throughput', 'sendWait', 'sendStart', 'enqueue', 'history'];
  const place = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  const names = fs.readdirSync(path.join(repo, 'test/bench/figures')).map((name) => path.basename(name, '.ts'));
  return names.sort((a, b) => place(a) - place(b) || a.localeCompare(b));
}

/** Measures one file's figures in a process and a sandbox of its own; what went wrong besides is said. */
async function measure(name) {
  console.log(`\n== ${name} ==`);
  const start = Date.now();
  const sandbox = makeSandbox();
  const results = path.join(sandbox.root, 'figures.json');
  const env = { ...process.env, ...npmEnv(), ...sandbox.env, COURIER_REPO: repo };
  const command = ['test/bench/run.mjs', path.join(compiled, 'figures', `${name}.js`), form, results];
  const ended = await runGroup(command, env, (deadline - start) / 60_000, (text) => process.stdout.write(text));
  const left = await leftovers(sandbox);
  const rows = fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, 'utf8')) : [];
  sandbox.close();
  const problems = [];
  if (ended !== 0) problems.push(`${name}: it ended with ${ended}`);
  if (ended === 0 && rows.length === 0) problems.push(`${name}: it measured nothing`);
  if (left.length) problems.push(`${name}: it left behind:\n  ${left.join('\n  ')}`);
  for (const problem of problems) console.log(problem);
  console.log(`${rows.length} figures, ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return { rows, problems };
}

/** How long a Node process that does nothing takes here: the median of so many, in milliseconds. */
function emptyNode(runs = 9) {
  const times = Array.from({ length: runs }, () => {
    const start = performance.now();
    spawnSync(process.execPath, ['-e', '']);
    return performance.now() - start;
  });
  return times.sort((a, b) => a - b)[(runs - 1) / 2];
}

async function main() {
  const names = figureFiles();
  const unknown = named.filter((name) => !names.includes(name));
  if (unknown.length) throw new Error(`No such row: ${unknown.join(', ')}. There are: ${names.join(', ')}`);
  ensureTools(['tmux']);
  ensurePackages();
  build(['bench', 'support']);
  const { counts, markdownTable, textTable } = require(path.join(compiled, 'table.js'));
  const print = isMarkdown ? markdownTable : textTable;
  const printed = (run, problems = []) => {
    console.log(`\n${print(run)}`);
    const { passed, failed } = counts(run);
    return { passed, wrong: [...failed.map((name) => `below half of its goal: ${name}`), ...problems] };
  };
  if (isLast && !fs.existsSync(file)) throw new Error(`No whole run is there yet: ${path.relative(repo, file)}`);
  if (isLast) return printed(JSON.parse(fs.readFileSync(file, 'utf8')));
  ensureClaude();

  const load = () => Math.round(os.loadavg()[0] * 10) / 10;
  const run = {
    date: new Date().toISOString(),
    form,
    machine: {
      cores: os.availableParallelism(),
      memory_gb: Math.round(os.totalmem() / 2 ** 30),
      platform: `${os.platform()} ${os.arch()}`,
      load: [load(), 0],
      node_ms: emptyNode(),
    },
    versions: {
      courier: json('package.json').version,
      node: process.versions.node,
      tmux: spawnSync('tmux', ['-V'], { encoding: 'utf8' }).stdout.trim(),
      claude: json('test/clis/claude-code/package-lock.json').packages['node_modules/@anthropic-ai/claude-code']
        .version,
    },
    rows: [],
  };
  const problems = [];
  const isAsked = (name) => (named.length ? named.includes(name) : !isShort || !fullOnly.includes(name));
  for (const name of names.filter(isAsked)) {
    const measured = await measure(name);
    run.rows.push(...measured.rows);
    problems.push(...measured.problems);
  }
  run.machine.load[1] = load();
  fs.mkdirSync(output, { recursive: true });
  // A part of the table never takes the place of the whole.
  fs.writeFileSync(named.length ? path.join(output, 'bench-part.json') : file, JSON.stringify(run, null, 2));
  return printed(run, problems);
}

exitOnSignals();
try {
  const { passed, wrong } = await main();
  if (wrong.length) console.log(`\nWhat failed:\n  ${wrong.join('\n  ')}\n`);
  console.log(`${passed} passed, ${wrong.length} failed`);
  process.exitCode = wrong.length ? 1 : 0;
} catch (e) {
  console.error(e.message);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
}
