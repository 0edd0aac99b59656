import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import fc from 'fast-check';
import { isFinal } from '../../../src/core/model/job';
import { appendHistory, findInHistory, readHistory } from '../../../src/core/store/history';
import { Layout } from '../../../src/core/store/layout';
import { makeJob, someTime } from '../coreFixtures';
import { badJson } from './badText';
import { holds, makeFastDir, type Property } from './property';

const ended = (id: string) => makeJob(id, { status: 'completed', finished_at: someTime, message: 'm', epoch: 3 });

/** A history may hold any line between ours: ours are found, what isn't one is passed over, and one more can be appended. */
export const historyProperties: Property[] = [
  {
    name: 'a line of the history: those around it are found, whatever it holds, and it stays where it is',
    async check(runs, onTry) {
      const dir = await makeFastDir();
      const files = new Layout(dir.path).session('main');
      await fs.mkdir(files.historyDir, { recursive: true });
      const month = files.historyFile(someTime);
      const lines = fc.array(badJson(ended('j-bad')), { minLength: 1, maxLength: 4 });
      try {
        await holds(
          lines,
          runs,
          async (bad) => {
            const good = (id: string) => Buffer.from(`${JSON.stringify(ended(id))}\n`);
            const parts = bad.flatMap((line, i) => [good(`j-good-${i}`), Buffer.concat([line, Buffer.from('\n')])]);
            const before = Buffer.concat([...parts.slice(0, -1), bad.at(-1)!]);
            await fs.writeFile(month, before);
            await appendHistory(files, ended('j-last'), 4);
            const read = await readHistory(files, 100);
            assert.ok(read.every((job) => isFinal(job.status)));
            assert.equal(new Set(read.map((job) => job.job_id)).size, read.length);
            for (const id of [...bad.map((_, i) => `j-good-${i}`), 'j-last']) {
              assert.ok(
                read.some((job) => job.job_id === id),
                `${id} is not read`,
              );
              assert.equal((await findInHistory(files, id))?.job_id, id);
            }
            assert.ok((await fs.readFile(month)).subarray(0, before.length).equals(before), 'it was changed');
          },
          onTry,
        );
      } finally {
        await dir.remove();
      }
    },
  },
];
