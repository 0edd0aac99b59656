// node test/e2e/run.mjs [NAME ...]: the packaged extension in VS Code server + Chromium, by mouse and keyboard.
// E2E_THEME=dark (light, contrast) runs what has that theme, in it alone; E2E_NAMES=demo,view is for who can't give names.
//
// Every test/e2e/NAME.e2e.mjs runs in a VS Code, a workspace and a state of its own, in the first of its themes; with
// E2E_THEMES=all (npm test -- e2e --themes) once in each of them, for the pictures: what it does is the same in all. It exports
//   steps    { 'what is done': async (wb) => {} }   in order; each is one test; after a failure the rest do not run
//   themes   ['dark', 'light']                      optional, dark alone when not given
//   settings, trust, setUp                          optional, for openWorkbench
//   tearDown()                                      optional, after each of its workbenches
//   expected [/words/]                              optional, errors that its steps bring about; any other of ours fails the run
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchBrowser } from '../harness/browser.mjs';
import { ensureServer, repo, which } from '../harness/install.mjs';
import { exitOnSignals } from '../harness/sandbox.mjs';
import { packageVsix } from '../scripts/prepare.mjs';
import { openWorkbench, outputDir } from './workbench.mjs';

const stepLimit = 180_000;
const results = process.env.TEST_RESULTS ?? path.join(outputDir, 'results-e2e.json');
const stats = { passes: 0, failures: 0, pending: 0, failed: [], files: [] };

async function withLimit(promise, limit) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done in ${limit / 1000} s`)), limit);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

const inOneLine = (text, limit) => String(text).replace(/\s+/g, ' ').slice(0, limit);

/** What failed, in one line, which is all that is left of a run elsewhere: its name, how its error begins, what was to be seen. */
const failure = (name, e, seen = '') =>
  `${name}: ${inOneLine(e?.message ?? e, 300)}${seen && `; seen: ${inOneLine(seen, 700)}`}`;

/** Runs a module's steps in one workbench; a failure is shown with its cause, a screenshot and the logs. */
async function runSteps(wb, steps, of) {
  let broken = false;
  for (const [name, step] of Object.entries(steps)) {
    const start = Date.now();
    if (broken) {
      stats.pending++;
      console.log(`    - ${name} (not run)`);
      continue;
    }
    try {
      await withLimit(step(wb), stepLimit);
      await wb.shot(name);
      stats.passes++;
      console.log(`    ✔ ${name} (${Date.now() - start} ms)`);
    } catch (e) {
      broken = true;
      stats.failures++;
      stats.failed.push(failure(`${of}: ${name}`, e, await wb.seen().catch(String)));
      console.log(`    ✘ ${name} (${Date.now() - start} ms)\n${String(e.stack ?? e).replace(/^/gm, '      ')}`);
      await wb.shot(`failure-${name}`).catch(() => {});
      wb.saveLogs();
    }
  }
}

/** Counts what our extension complained of, or VS Code of it, and nobody expected. */
function judge(found, expected, of) {
  for (const line of found) {
    if (expected.some((words) => words.test(line))) continue;
    stats.failures++;
    stats.failed.push(failure(`${of}: an error in the logs`, line));
    console.log(`    ✘ an error in the logs\n${line.replace(/^/gm, '      ')}`);
  }
}

/** Those of a module's themes that it runs in. */
function themesOf(themes) {
  const { E2E_THEME: one, E2E_THEMES: how } = process.env;
  if (one) return themes.filter((theme) => theme === one);
  return how === 'all' ? themes : themes.slice(0, 1);
}

async function runModule(name, browser, vsix) {
  const module = await import(pathToFileURL(path.join(repo, 'test/e2e', `${name}.e2e.mjs`)));
  const { steps, themes = ['dark'], settings, trust, setUp, tearDown, expected = [] } = module;
  for (const theme of themesOf(themes)) {
    console.log(`  ${name}, ${theme}`);
    let wb;
    try {
      wb = await openWorkbench({ browser, vsix, name, theme, settings, trust, setUp });
      await runSteps(wb, steps, `${name}, ${theme}`);
    } catch (e) {
      stats.failures++;
      stats.failed.push(failure(`${name}: VS Code did not start`, e));
      console.log(`    ✘ VS Code did not start\n${String(e.stack ?? e).replace(/^/gm, '      ')}`);
    } finally {
      if (wb) judge(await wb.close(), expected, `${name}, ${theme}`);
      await tearDown?.();
    }
  }
}

const modules = fs.readdirSync(path.join(repo, 'test/e2e')).filter((f) => f.endsWith('.e2e.mjs'));
const names = modules.map((f) => f.replace('.e2e.mjs', '')).sort();
const given = process.argv.slice(2);
const asked = given.length ? given : (process.env.E2E_NAMES?.split(',') ?? []);

exitOnSignals();
ensureServer();
const vsix = process.env.E2E_VSIX ?? path.join(repo, 'out/e2e/tmux-courier.vsix');
if (!process.env.E2E_VSIX) packageVsix(vsix);
const browser = await launchBrowser();
try {
  for (const name of asked.length ? asked : names) {
    const before = stats.failures;
    await runModule(name, browser, vsix);
    if (stats.failures > before) stats.files.push(name);
  }
} finally {
  await browser.close();
}
fs.writeFileSync(results, JSON.stringify(stats));
console.log(`e2e on ${which}: ${stats.passes} passed, ${stats.failures} failed, ${stats.pending} not run`);
process.exitCode = stats.failures ? 1 : 0;
