import { execFile } from 'node:child_process';
import { readFileSync, rmSync, statSync } from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { makeTempDir } from '../../support/tempDir';
import type { Activation } from '../activationHost';
import type { Figure, Measure } from '../figure';
import { many, writeManySessions } from '../manySessions';
import { median, spreadOf } from '../samples';

/** Another name than the usual one, which would activate the extension before its view is opened. */
const directory = 'courier-state';
const settings = {
  'security.workspace.trust.enabled': false,
  'courier.directory': directory,
  // Nothing of it is to be found and run: what is measured is the window's own.
  'courier.defaultAgent': 'demo',
};

/**
 * The extension's activation in a real VS Code whose view is opened, from the first line of its code: until the rows of all
 * sessions were handed over, and until everything on disk stood in the tree. And how large it is.
 */
export const measure: Measure = async (form) => {
  // Each of the others is a start of VS Code, for which the short form has no time.
  if (form === 'short') return [size('dist/extension.js', 350)];
  const runs = 10;
  const temp = await makeTempDir();
  const samples: Activation[] = [];
  try {
    await writeManySessions(temp.path, directory);
    // The first one fills the caches.
    for (let i = 0; i <= runs; i++) {
      const one = await open(temp.path);
      if (i > 0) samples.push(one);
    }
  } finally {
    await temp.remove();
  }
  const row = (name: string, what: 'painted' | 'whole', most: number): Figure => ({
    name,
    unit: 'ms',
    us: median(samples.map((one) => one[what])),
    goals: [{ at: 'most', value: most, of: 'value' }],
    runs,
    spread: spreadOf(samples.map((one) => one[what])),
    note: `${many.sessions} sessions, ${many.sessions * many.jobsOfEach} jobs on disk; in a real VS Code, from the first line of our code`,
  });
  return [
    row('activation to the first picture of the tree', 'painted', 60),
    row('activation to the whole tree', 'whole', 400),
    size('dist/extension.js', 350),
  ];
};

async function open(workspace: string): Promise<Activation> {
  const results = path.join(workspace, 'results.json');
  rmSync(results, { force: true });
  const args = ['test/bench/openHost.mjs', workspace, JSON.stringify(settings), 'out/test/bench/activationHost.js'];
  await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, TEST_RESULTS: results },
    timeout: 300_000,
  });
  const found: Activation = JSON.parse(readFileSync(results, 'utf8'));
  const { sessions, jobs } = found;
  if (sessions !== many.sessions || jobs !== many.sessions * many.jobsOfEach)
    throw new Error(`the tree had ${sessions} sessions and ${jobs} jobs`);
  return found;
}

function size(file: string, most: number): Figure {
  const us = statSync(file).size / 1000;
  return { name: file, unit: 'kB', us, goals: [{ at: 'most', value: most, of: 'value' }], runs: 1, spread: [us, us] };
}
