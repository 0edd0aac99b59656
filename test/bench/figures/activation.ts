import { makeTempDir } from '../../support/tempDir';
import type { Activation } from '../activationHost';
import type { Figure, Measure } from '../figure';
import { many, writeManySessions } from '../manySessions';
import { openVSCode } from '../openVSCode';
import { median, spreadOf } from '../samples';

/** Another name than the usual one, which would activate the extension before its view is opened. */
const directory = 'courier-state';
// Nothing of a real agent is to be found and run: what is measured is the window's own.
const settings = { 'courier.directory': directory, 'courier.defaultAgent': 'demo' };

/**
 * The extension's activation in a real VS Code at rest whose view is opened, from the first line of its code: until the rows of
 * all sessions were handed over, and until all finished jobs were read, too.
 */
export const measure: Measure = async (form) => {
  // Each is a start of VS Code, for more of which the short form has no time.
  const runs = form === 'full' ? 10 : 1;
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
  const row = (name: string, what: 'painted' | 'whole', most: number, reached: number): Figure => ({
    name,
    unit: 'ms',
    us: median(samples.map((one) => one[what])),
    goals: [{ at: 'most', value: most, of: 'value', reached }],
    runs,
    spread: spreadOf(samples.map((one) => one[what])),
    note: `${many.sessions} sessions, ${many.sessions * many.jobsOfEach} jobs on disk; in a real VS Code, from the first line of our code`,
  });
  return [
    row('activation to the first picture of the tree', 'painted', 60, 660),
    row('activation to the whole tree', 'whole', 400, 1500),
  ];
};

async function open(workspace: string): Promise<Activation> {
  const found = await openVSCode<Activation>(workspace, 'activationHost', settings);
  const { sessions, jobs } = found;
  if (sessions !== many.sessions || jobs !== many.sessions * many.jobsOfEach)
    throw new Error(`the tree had ${sessions} sessions and ${jobs} jobs`);
  return found;
}
