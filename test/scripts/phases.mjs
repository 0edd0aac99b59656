// The phases of "npm test", and how one is run: a process of its own, in a sandbox, with nothing left behind.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { commandLine, makeSandbox, processesUnder, socketsUnder } from '../harness/sandbox.mjs';
import { repo } from './prepare.mjs';

/** Runs the test files of a folder, or those that a pattern names. */
export const mocha = (name, files = '**/*.test.js') => [
  'node_modules/mocha/bin/mocha.js',
  '--forbid-only',
  '--reporter',
  'test/scripts/reporter.cjs',
  `out/test/${name}/${files}`,
];

/** Every phase, in the order in which they begin: the long ones first. `limit` is in minutes; one that measures runs `alone`, an `extra` one only when it is named. */
export const phases = {
  unit: { args: mocha('unit'), tests: ['unit'], tools: [], limit: 5, alone: true },
  tmux: { args: mocha('tmux'), tests: ['tmux'], tools: ['tmux', 'systemd'], limit: 20 },
  e2e: {
    args: ['test/e2e/run.mjs'],
    tests: [],
    tools: ['tmux', 'chromium'],
    limit: 30,
    vscode: true,
    claude: true,
    vsix: true,
  },
  claude: { args: mocha('claude'), tests: ['claude'], tools: ['tmux'], limit: 20, claude: true },
  kills: { args: mocha('kills'), tests: ['kills'], tools: ['tmux'], limit: 20, claude: true },
  windows: { args: ['test/runWindows.mjs'], tests: ['windows'], tools: ['tmux', 'chromium'], limit: 15, vscode: true },
  // Only by its name (npm run test:agents): it installs CLIs of hundreds of megabytes.
  agents: { args: mocha('agents'), tests: ['agents'], tools: ['tmux'], limit: 30, extra: true },
  host: { args: ['test/runHost.mjs'], tests: ['host'], tools: ['tmux', 'chromium'], limit: 15, vscode: true },
};

/** Waits until a condition holds; false when it doesn't within the time limit. */
async function waitFor(condition, limit) {
  for (const end = Date.now() + limit; !condition(); ) {
    if (Date.now() > end) return false;
    await new Promise((r) => setTimeout(r, 50));
  }
  return true;
}

/** Runs a process in a group of its own, which does not outlive us or its time limit (minutes). `print` gets what it says. */
export function runGroup(args, env, limit, print) {
  const child = spawn(process.execPath, args, { cwd: repo, env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print);
  const endGroup = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // gone already
    }
  };
  const endWithUs = () => endGroup('SIGKILL');
  process.on('exit', endWithUs);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup('SIGKILL');
  }, limit * 60_000);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve(timedOut ? `did not end in ${Number(limit.toFixed(1))} minutes` : (signal ?? code)),
    );
  }).finally(() => {
    clearTimeout(timer);
    process.off('exit', endWithUs);
  });
}

/** What a phase left in its sandbox: processes, temp files, sockets. */
export async function leftovers({ root, env }) {
  await waitFor(() => processesUnder(root).length === 0, 30_000);
  const processes = processesUnder(root).map((pid) => `process ${pid}: ${commandLine(pid)}`);
  const files = fs.readdirSync(env.TMPDIR).map((f) => `file ${path.join(env.TMPDIR, f)}`);
  const sockets = socketsUnder(env.XDG_RUNTIME_DIR).map((f) => `socket ${f}`);
  return [...processes, ...files, ...sockets];
}

/** Under a HOME of its own, an npm that tests run (for Claude Code) still finds the user's registry settings and cache. */
export const npmEnv = () => ({
  npm_config_userconfig: process.env.npm_config_userconfig ?? path.join(os.homedir(), '.npmrc'),
  npm_config_cache: process.env.npm_config_cache ?? path.join(os.homedir(), '.npm'),
});

/**
 * Runs one phase, of `phases` or described by the caller, and resolves with its counts. Whatever is wrong beyond failed tests counts as one more failure. What it says
 * is printed as it comes when it is `alone`, else at its end.
 */
export async function runPhase(name, alone, phase = phases[name]) {
  const results = path.join(repo, 'test/.output', process.env.VSCODE_SERVER || 'newest', `results-${name}.json`);
  fs.mkdirSync(path.dirname(results), { recursive: true });
  fs.rmSync(results, { force: true });
  const said = [];
  const print = (text) => (alone ? process.stdout.write(text) : said.push(text));
  const say = (line) => print(`${line}\n`);
  if (!alone) console.log(`\n${name} begins`);
  say(`\n== ${name} ==`);
  const start = Date.now();
  const sandbox = makeSandbox();
  const env = { ...process.env, ...npmEnv(), ...sandbox.env, COURIER_REPO: repo, TEST_RESULTS: results };
  const ended = await runGroup(phase.args, env, phase.limit, print);
  const left = await leftovers(sandbox);
  sandbox.close();

  const counts = fs.existsSync(results) ? JSON.parse(fs.readFileSync(results, 'utf8')) : {};
  const { passes = 0, failures = 0, pending = 0, files = [] } = counts;
  const problems = [];
  if (ended !== 0 && failures === 0) problems.push(`it ended with ${ended}`);
  if (passes + failures === 0) problems.push('it ran no tests');
  if (left.length) problems.push(`it left behind:\n  ${left.join('\n  ')}`);
  for (const problem of problems) say(`${name}: ${problem}`);
  const failed = failures + (problems.length ? 1 : 0);
  const skipped = pending ? `, ${pending} skipped` : '';
  const line = `${name}: ${passes} passed, ${failed} failed${skipped}, ${((Date.now() - start) / 1000).toFixed(1)} s`;
  say(line);
  process.stdout.write(said.join(''));
  return {
    name,
    files,
    passed: passes,
    failed,
    besides: problems.length,
    line,
    names: [...(counts.failed ?? []), ...problems].map((one) => `${name}: ${one}`),
  };
}
