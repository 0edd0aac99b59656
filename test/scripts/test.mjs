// npm test [-- PHASE ...] [--oldest] [--themes]: installs what is missing, builds, runs the phases, ends with "N passed, N failed".
// With TEST_AGAIN=1 what failed has a second try (again.mjs).
import path from 'node:path';
import { exitOnSignals } from '../harness/sandbox.mjs';
import { tryAgain } from './again.mjs';
import { phases, runPhase } from './phases.mjs';
import { build, ensureClaude, ensurePackages, packageVsix, repo } from './prepare.mjs';
import { ensureTools } from './tools.mjs';

const args = process.argv.slice(2);
if (args.includes('--oldest')) process.env.VSCODE_SERVER = 'oldest';
if (args.includes('--themes')) process.env.E2E_THEMES = 'all';
const named = args.filter((a) => !a.startsWith('--'));
const names = Object.keys(phases).filter((n) => (named.length === 0 ? !phases[n].extra : named.includes(n)));

exitOnSignals();

async function prepare() {
  const unknown = named.filter((n) => !(n in phases));
  if (unknown.length)
    throw new Error(`No such phase: ${unknown.join(', ')}. There are: ${Object.keys(phases).join(', ')}`);
  const wanted = names.map((n) => phases[n]);
  ensureTools([...new Set(wanted.flatMap((p) => p.tools))]);
  ensurePackages();
  build([...wanted.flatMap((p) => p.tests), 'support']);
  // Before phases run side by side: each would make the same again, under the feet of the others.
  if (wanted.some((p) => p.claude)) ensureClaude();
  if (wanted.some((p) => p.vsix) && !process.env.E2E_VSIX) {
    process.env.E2E_VSIX = path.join(repo, 'out/e2e/tmux-courier.vsix');
    packageVsix(process.env.E2E_VSIX);
  }
  // After the phases' HOME is set aside, npm would no longer find the user's own settings.
  if (wanted.some((p) => p.vscode)) (await import('../harness/install.mjs')).ensureServer();
}

const results = [];

/** How many phases run at a time: they mostly wait, for terminals and windows. Two of the oldest VS Code are too much for two cores. */
const sideBySide = args.includes('--oldest') ? 1 : 2;

/** Runs phases in their order, so many at a time. */
async function run(queue, atOnce) {
  const worker = async () => {
    for (let name = queue.shift(); name; name = queue.shift()) results.push(await runPhase(name, atOnce === 1));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

try {
  await prepare();
  const others = names.filter((n) => !phases[n].alone);
  await run(
    names.filter((n) => phases[n].alone),
    1,
  );
  await run(others, others.length > 1 ? sideBySide : 1);
} catch (e) {
  console.error(e.message);
  results.push({ passed: 0, failed: 1, besides: 1, line: 'stopped before its end' });
}
if (process.env.TEST_AGAIN) for (const [i, result] of results.entries()) results[i] = await tryAgain(result);
const sum = (key) => results.reduce((n, r) => n + r[key], 0);
console.log(`\n${results.map((r) => r.line).join('\n')}`);
const wrong = results.flatMap((r) => r.names ?? []);
const unsteady = results.flatMap((r) => r.unsteady ?? []);
if (unsteady.length) console.log(`\nWhat passed only at the second try:\n  ${unsteady.join('\n  ')}\n`);
if (wrong.length) console.log(`\nWhat failed:\n  ${wrong.join('\n  ')}\n`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') ? 1 : 0;
