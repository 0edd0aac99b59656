import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { openFolder } from '../../src/core/store/folder';
import { temporaryFiles } from '../../src/core/store/temporaryFiles';
import { systemClock } from '../../src/core/support/clock';
import { TestCourier } from '../support/testCourier';

describe('temporary files', () => {
  let courier: TestCourier;
  beforeEach(async () => {
    courier = await TestCourier.create();
  });
  afterEach(() => courier.stop());

  it('are found wherever a killed program of ours can leave one, an hour later, and nothing else is', async () => {
    const { layout, user } = courier;
    const folder = user.folder((await openFolder(layout, user, systemClock)).folder_id);
    const files = layout.session('main');
    const left = [
      path.join(layout.root, 'monitor.pid.json.123456'),
      path.join(layout.inbox, '.j-20261122-000000000.json'),
      path.join(layout.done, 'j-1.json.123456'),
      path.join(layout.rejected, 'j-1.error.json.123456'),
      path.join(folder.dir, 'tmux.conf.123456'),
      path.join(folder.answers, '.r-1.json'),
      path.join(folder.answersDone, 'r-1.json.123456'),
      path.join(folder.claims, '.draft-1'),
      path.join(files.dir, 'job_queue.json.123456'),
      path.join(files.dir, 'state', 'health.json.123456'),
      path.join(files.output, 'task_output_1_j-1.last-message.md.123456'),
      path.join(files.logs, '20261122T101112131_restart_tmux.txt.123456'),
    ];
    const kept = [
      path.join(layout.done, 'j-1.json'),
      path.join(files.metadata),
      path.join(files.output, 'task_output_1_j-1.last-message.md'),
      // What an agent may have meant.
      path.join(files.output, 'notes.md.20261122'),
      path.join(files.logs, '20261122T101112131_restart_tmux.txt'),
    ];
    for (const file of [...left, ...kept]) {
      await fs.mkdir(path.dirname(file), { recursive: true });
      await fs.writeFile(file, '');
    }
    const elsewhere = path.join(courier.root, 'elsewhere');
    await fs.mkdir(path.join(layout.active, 'linked'), { recursive: true });
    await fs.mkdir(elsewhere);
    await fs.writeFile(path.join(elsewhere, 'mine.json.123456'), '');
    await fs.symlink(elsewhere, path.join(layout.active, 'linked', 'state'));

    assert.deepEqual(await temporaryFiles(layout, folder, Date.now()), [], 'younger than an hour');
    const found = await temporaryFiles(layout, folder, Date.now() + 2 * 3_600_000);
    assert.deepEqual(found.map(({ file }) => file).sort(), left.sort());
  });
});
