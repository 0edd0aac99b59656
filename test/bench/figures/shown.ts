import { writeFile } from 'node:fs/promises';
import * as path from 'node:path';
import { makeTempDir } from '../../support/tempDir';
import type { Measure } from '../figure';
import { openVSCode } from '../openVSCode';
import { median, spreadOf } from '../samples';
import type { Shown } from '../shownHost';

/** In a real VS Code: from the record of a job's end on disk until its answer stands in a visible editor beside the code. */
export const measure: Measure = async (form) => {
  const temp = await makeTempDir();
  try {
    await writeFile(path.join(temp.path, 'code.ts'), 'const a = 1;\n');
    const settings = { 'courier.defaultAgent': 'demo', 'workbench.startupEditor': 'none' };
    const shown = await openVSCode<Shown[]>(temp.path, 'shownHost', settings, { runs: form === 'full' ? 12 : 3 });
    const times = shown.map(({ visible }) => visible);
    return [
      {
        name: 'a job’s end on disk → its answer visible beside the code',
        unit: 'ms',
        us: median(times),
        floor: median(shown.map(({ plain }) => plain)),
        goals: [{ at: 'most', value: 150, of: 'value', reached: 225 }],
        runs: times.length,
        spread: spreadOf(times),
        note:
          `in a real VS Code, which makes a column for it each time; floor: a plain call to it to open a copy of the answer there; ` +
          `the window knows of the end after ${median(shown.map(({ seen }) => seen)).toFixed(1)} ms`,
      },
    ];
  } finally {
    await temp.remove();
  }
};
