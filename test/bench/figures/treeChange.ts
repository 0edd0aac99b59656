import { renameSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { FolderView } from '../../../src/core/store/folderView';
import { UserState } from '../../../src/core/store/userState';
import { systemClock } from '../../../src/core/support/clock';
import { TreeModel } from '../../../src/ui/treeModel';
import { makeJob } from '../../support/coreFixtures';
import { many, writeManySessions } from '../../support/manySessions';
import { makeTempDir } from '../../support/tempDir';
import { treeFolder, treeSource } from '../../support/treeFixtures';
import type { Measure } from '../figure';
import { median, spreadOf } from '../samples';

/**
 * One session's queue is written, among very many sessions: from the rename that puts it in place until the tree knows which row is to
 * be drawn again, with the system's own event and the reading of the files between.
 */
export const measure: Measure = async (form) => {
  const runs = form === 'full' ? 100 : 20;
  const temp = await makeTempDir();
  const user = UserState.fromEnvironment();
  // Finished jobs are read once, at the start: most of what takes time here is to write them.
  const jobsOfEach = form === 'full' ? many.jobsOfEach : 1;
  const layout = await writeManySessions(temp.path, { user, jobsOfEach });
  const view = new FolderView(layout, user, systemClock, { historyLimit: 21, scanEvery: 3_600_000 });
  const took: number[] = [];
  try {
    const { sessions } = await view.start();
    const folder = treeFolder('many', sessions);
    const source = treeSource(folder);
    const model = new TreeModel(source);
    for (const node of model.children()) model.row(node);
    for (let i = -5; i < runs; i++) {
      const id = `s-${(i + 500) % many.sessions}`;
      const seen = new Promise<number>((resolve, reject) => {
        const listening = view.onDidChange((snapshot) => {
          Object.assign(folder, { sessions: snapshot.sessions, listed: snapshot.sessions });
          const changes = model.changes();
          const at = performance.now();
          listening.dispose();
          if (changes === 'all' || changes.length !== 1) reject(new Error(`drawn again: ${changes.length} rows`));
          else resolve(at);
          for (const node of changes) if (typeof node !== 'string') model.row(node);
        });
      });
      const jobs = [makeJob(`j-${i + 5}`, { session_id: id })];
      // As files are written here, whole and by a rename, which is what can be seen.
      const { queue, dir } = layout.session(id);
      const draft = path.join(dir, '.draft');
      writeFileSync(draft, JSON.stringify({ version: '1.0', epoch: 1, jobs }));
      const from = performance.now();
      renameSync(draft, queue);
      const at = await seen;
      if (i >= 0) took.push(at - from);
    }
  } finally {
    view.dispose();
    await temp.remove();
  }
  return [
    {
      name: `one change among ${many.sessions} sessions to one row of the tree`,
      unit: 'ms',
      us: median(took),
      goals: [{ at: 'most', value: 5, of: 'value' }],
      runs,
      spread: spreadOf(took),
    },
  ];
};
