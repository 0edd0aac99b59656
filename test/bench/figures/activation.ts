import { many, writeManySessions } from '../../support/manySessions';
import { makeTempDir } from '../../support/tempDir';
import type { Activation } from '../activationHost';
import type { Figure, Measure } from '../figure';
import { openVSCode } from '../openVSCode';
import { median, spreadOf } from '../samples';

/** Another name than the usual one, which would activate the extension before its view is opened. */
const directory = 'courier-state';
const extension = 'test/bench/plainTree';
// Nothing of a real agent is to be found and run: what is measured is the window's own.
const settings = { 'courier.directory': directory, 'courier.defaultAgent': 'demo' };

/**
 * The extension's activation in a real VS Code at rest whose view is opened, from the first line of its code: until the rows of
 * all sessions were handed over as they were last shown, until all of the tree is as the files tell it, and until the finished jobs
 * of sessions at rest were read, too. Nothing has changed since the last start, which is the usual case and the one with the least to correct. In
 * turn with it the floor: as many rows of an extension that has them in memory and does nothing else, in a VS Code of its own.
 */
export const measure: Measure = async (form) => {
  // Each is a start of VS Code, for more of which the short form has no time.
  const runs = form === 'full' ? 10 : 1;
  const temp = await makeTempDir();
  const empty = await makeTempDir();
  const samples: Activation[] = [];
  const plain: number[] = [];
  try {
    await writeManySessions(temp.path, { directory });
    // The first one fills the caches.
    for (let i = 0; i <= runs; i++) {
      const one = await open(temp.path);
      if (i === 0) continue;
      samples.push(one);
      // Every second time: it differs little, and a start of VS Code takes its time.
      if (i % 2 === 1) plain.push(await openVSCode<number>(empty.path, 'plainTreeHost', settings, { extension }));
    }
  } finally {
    await temp.remove();
    await empty.remove();
  }
  const plainly = median(plain);
  const row = (name: string, what: 'painted' | 'whole' | 'read', goals: Figure['goals'], about: string): Figure => ({
    name,
    unit: 'ms',
    us: median(samples.map((one) => one[what])),
    floor: plainly,
    goals,
    runs,
    spread: spreadOf(samples.map((one) => one[what])),
    note: `${many.sessions} sessions, ${many.sessions * many.jobsOfEach} jobs on disk; in a real VS Code, from the first line of our code; ${about}`,
  });
  return [
    row(
      'activation to the first picture of the tree',
      'painted',
      [{ at: 'most', value: 60, of: 'above the floor' }],
      'the rows of all sessions as they were last shown; floor: as many rows of an extension that does nothing else',
    ),
    row(
      'activation to the whole tree',
      'whole',
      [{ at: 'most', value: 400, of: 'above the floor' }],
      'all rows, the badge and the groups are as the files tell them; finished jobs are read of sessions in which any could be new',
    ),
    row(
      'activation until all is read',
      'read',
      [],
      'the finished jobs of sessions at rest, too, which stand below closed rows',
    ),
  ];
};

async function open(workspace: string): Promise<Activation> {
  const found = await openVSCode<Activation>(workspace, 'activationHost', settings);
  const { rows, sessions, jobs } = found;
  if (rows !== many.sessions || sessions !== many.sessions || jobs !== many.sessions * many.jobsOfEach)
    throw new Error(`the tree had ${rows} rows at first, ${sessions} sessions and ${jobs} jobs`);
  return found;
}
