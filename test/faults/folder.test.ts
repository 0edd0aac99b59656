import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { isoTime, systemClock } from '../../src/core/support/clock';
import { hasCode } from '../../src/core/support/errors';
import type { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';
import { fault, isShort } from './fault';
import { noMounts, SmallDisk } from './smallDisk';
import type { Trial } from './trial';

const slowly = (ms: number) => `Something to do.\n\ndemo-mode: slow=${ms}\n`;

async function warm(trial: Trial, settings: Parameters<Trial['courier']>[0] = {}): Promise<TestCourier> {
  const courier = await trial.courier(settings);
  await courier.runner();
  await trial.next(courier);
  return courier;
}

async function working(trial: Trial, courier: TestCourier, ms: number) {
  const id = await trial.send(courier, slowly(ms));
  await courier.jobWhere(id, 'works', ({ phase }) => phase === 'working');
  return id;
}

/** Deletes a folder, whose tmux server then is nobody's: it is ended with the try. */
async function deleted(trial: Trial, courier: TestCourier, remove: () => Promise<void>): Promise<void> {
  const pid = Number(await courier.tmux('display-message', '-p', '#{pid}'));
  trial.atLast(() => process.kill(pid, 'SIGTERM'));
  trial.forget(courier);
  await remove();
}

describe('the folder', () => {
  for (const part of ['workspace', 'state'] as const) {
    const name = part === 'workspace' ? 'workspace' : "user's own state";
    fault(`${name} on a disk that becomes read-only`, { tries: 4, notRun: noMounts }, async (trial, n) => {
      const disk = await SmallDisk.mount();
      trial.atLast(() => disk.close());
      const place = path.join('..', path.basename(disk.dir), 'own');
      const courier = await trial.courier({}, part === 'workspace' ? { folderName: place } : { stateName: place });
      await courier.runner();
      await trial.next(courier);
      const id = n % 2 ? await working(trial, courier, 1500) : undefined;
      await disk.readOnly(true);
      if (part === 'workspace')
        await assert.rejects(courier.send('To a read-only disk.'), (error) => hasCode(error, 'EROFS'));
      if (id && part === 'state') await waitFor(async () => (await courier.screen()).includes('done: wrote'));
      await disk.readOnly(false);
      if (id) {
        const job = await courier.ended(id, 30_000);
        // The agent may have met the read-only disk itself: what it says of that is kept.
        if (job.status !== 'completed') assert.match(job.message ?? '', /EROFS|read-only|no answer file/);
      }
      await trial.next(courier);
    });
  }

  fault('.courier deleted while nothing runs in it', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const { root } = courier.layout;
    const tmux = await courier.tmux('display-message', '-p', '#{socket_path}');
    await deleted(trial, courier, () => fs.rm(root, { recursive: true, maxRetries: 5 }));
    await trial.next(courier);
    assert.notEqual(await courier.tmux('display-message', '-p', '#{socket_path}'), tmux);
  });

  fault('.courier deleted while a job works', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await working(trial, courier, 1500);
    await deleted(trial, courier, () => fs.rm(courier.layout.root, { recursive: true, maxRetries: 5 }));
    await trial.next(courier);
    await trial.next(courier);
    assert.equal(await courier.job(id), undefined, 'nothing of the old folder came back');
  });

  fault("a session's folder deleted while a job works", { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await working(trial, courier, 1500);
    trial.forget(courier);
    await fs.rm(courier.layout.session('main').dir, { recursive: true, maxRetries: 5 });
    const job = await courier.ended(id, 30_000);
    if (job.status !== 'completed') assert.match(job.message ?? '', /ENOENT|no answer file/);
    await trial.next(courier);
  });

  fault('workspace renamed while a job works', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const id = await working(trial, courier, 1500);
    const away = `${courier.workspace}-away`;
    await fs.rename(courier.workspace, away);
    await waitFor(() => trial.taken(courier, id) === 1);
    await fs.rename(away, courier.workspace);
    const job = await courier.ended(id, 30_000);
    if (job.status !== 'completed') assert.match(job.message ?? '', /ENOENT|no answer file/);
    await trial.next(courier);
  });

  fault('state files deleted or written over by another program (15)', { tries: 3 }, async (trial) => {
    const courier = await warm(trial);
    const files = courier.layout.session('main');
    const ids = await Promise.all([1, 2, 3, 4, 5].map((n) => trial.send(courier, `Number ${n}.`)));
    let done = false;
    const vandal = (async () => {
      for (let n = 0; !done; n++) {
        const file = [files.queue, files.metadata, files.health][n % 3]!;
        if (n % 2) await fs.rm(file, { force: true });
        else await fs.writeFile(file, '{"version":"1.0","epoch":99,"jobs":[]}');
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    try {
      for (const id of ids) await trial.answersItself(courier, await trial.completes(courier, id));
    } finally {
      done = true;
      await vandal;
    }
    await courier.sessionWhere('is ready', ({ state }) => state === 'ready');
    await trial.next(courier);
  });

  fault('10,000 files in the output folder', { tries: 2 }, async (trial) => {
    const courier = await warm(trial);
    const { output } = courier.layout.session('main');
    const count = isShort ? 2000 : 10_000;
    for (let n = 0; n < count; n++) await fs.writeFile(path.join(output, `other_${n}.md`), '');
    const handles = (await fs.readdir('/proc/self/fd').catch(() => [])).length;
    for (let n = 0; n < 5; n++) await trial.next(courier);
    assert.ok((await fs.readdir('/proc/self/fd').catch(() => [])).length < handles + 50, 'none of them is watched');
  });

  const jumping = { tries: 4, short: 2, simulated: "the runner's own clock" };
  fault('clock set back or forward under a job', jumping, async (trial, n) => {
    let jump = 0;
    const courier = await trial.courier();
    await courier.runner({ ...systemClock, now: () => Date.now() + jump });
    await trial.next(courier);
    const id = await working(trial, courier, 1000);
    jump = [-3_600_000, 86_400_000, -86_400_000 * 365, 3_600_000][n % 4]!;
    const job = await trial.completes(courier, id);
    await trial.answersItself(courier, job);
    assert.equal(job.finished_at?.slice(0, 10), isoTime(Date.now() + jump).slice(0, 10));
    await trial.next(courier);
    assert.deepEqual(
      courier.logged.filter((line) => line.includes('standby')),
      [],
      'it stayed the owner',
    );
  });

  fault('files that are there already with other modes (22)', { tries: 2 }, async (trial) => {
    const umask = process.umask(0);
    try {
      const courier = await warm(trial);
      const files = courier.layout.session('main');
      for (const file of [files.queue, files.metadata, files.health]) await fs.chmod(file, 0o644);
      await trial.next(courier);
      const open = async () => {
        const found: string[] = [];
        for (const root of [courier.layout.root, courier.user.root])
          for (const entry of await fs.readdir(root, { recursive: true, withFileTypes: true })) {
            const file = path.join(entry.parentPath, entry.name);
            const { mode } = await fs.lstat(file);
            if ((mode & 0o077) !== 0) found.push(`${file} has mode ${(mode & 0o777).toString(8)}`);
          }
        return found;
      };
      // What a short turn changes of its session is written a moment after it.
      await waitFor(async () => (await open()).length === 0).catch(() => {});
      for (const one of await open()) trial.note('wrong', one);
    } finally {
      process.umask(umask);
    }
  });
});
