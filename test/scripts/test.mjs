// npm test [-- PHASE ...] [--oldest]: installs what is missing, builds, runs the phases, ends with "N passed, N failed".
import { exitOnSignals } from '../harness/sandbox.mjs';
import { phases, runPhase } from './phases.mjs';
import { build, ensurePackages } from './prepare.mjs';
import { ensureTools } from './tools.mjs';

const args = process.argv.slice(2);
if (args.includes('--oldest')) process.env.VSCODE_SERVER = 'oldest';
const named = args.filter((a) => a !== '--oldest');
const names = Object.keys(phases).filter((n) => named.length === 0 || named.includes(n));

exitOnSignals();

async function prepare() {
  const unknown = named.filter((n) => !(n in phases));
  if (unknown.length)
    throw new Error(`No such phase: ${unknown.join(', ')}. There are: ${Object.keys(phases).join(', ')}`);
  const wanted = names.map((n) => phases[n]);
  ensureTools([...new Set(wanted.flatMap((p) => p.tools))]);
  ensurePackages();
  build(wanted.flatMap((p) => p.tests));
  // After the phases' HOME is set aside, npm would no longer find the user's own settings.
  if (wanted.some((p) => p.vscode)) (await import('../harness/install.mjs')).ensureServer();
}

const results = [];
try {
  await prepare();
  for (const name of names) results.push(await runPhase(name));
} catch (e) {
  console.error(e.message);
  results.push({ passed: 0, failed: 1, line: 'stopped before its end' });
}
const sum = (key) => results.reduce((n, r) => n + r[key], 0);
console.log(`\n${results.map((r) => r.line).join('\n')}`);
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
process.exitCode = sum('failed') ? 1 : 0;
