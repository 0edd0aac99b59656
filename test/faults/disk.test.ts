import assert from 'node:assert/strict';
import * as path from 'node:path';
import { hasCode } from '../../src/core/support/errors';
import type { TestCourier } from '../support/testCourier';
import { fault, isShort } from './fault';
import { noMounts, SmallDisk } from './smallDisk';
import type { Trial } from './trial';

/** A workspace of which one part is on a small disk. */
async function onSmallDisk(trial: Trial, part: 'workspace' | 'state') {
  const disk = await SmallDisk.mount();
  trial.atLast(() => disk.close());
  const place = path.join('..', path.basename(disk.dir), 'own');
  const courier = await trial.courier({}, part === 'workspace' ? { folderName: place } : { stateName: place });
  await courier.runner();
  return { courier, disk };
}

/** Waits until a job has ended, or has come to a stand with words for a person; which of them. */
async function endsOrWaits(courier: TestCourier, id: string) {
  const condition = (job: { status: string; waiting?: unknown }) =>
    ['completed', 'failed', 'timeout'].includes(job.status) || job.waiting !== undefined;
  return courier.jobWhere(id, 'has ended or waits', condition, isShort ? 1000 : 2500).catch(() => undefined);
}

describe('the disk', () => {
  for (const part of ['workspace', 'state'] as const) {
    // With each try one page more is left, so that one write after the other is the first that fails.
    const name = part === 'workspace' ? 'of the workspace' : "of the user's own state";
    fault(
      `disk ${name} full, at each write of a job's way`,
      { tries: 16, short: 3, notRun: noMounts },
      async (trial, n) => {
        const { courier, disk } = await onSmallDisk(trial, part);
        if (n % 2) await trial.next(courier);
        disk.fill(isShort ? n * 4 : n);
        let id: string | undefined;
        try {
          id = await trial.send(courier, 'Sent to a full disk.');
        } catch (error) {
          assert.ok(hasCode(error, 'ENOSPC'), String(error));
        }
        const before = id ? await endsOrWaits(courier, id) : undefined;
        if (before?.status === 'failed') assert.match(before.message ?? '', /ENOSPC|no space|full/i);
        disk.free();
        if (id) {
          const job = await courier.ended(id, 30_000);
          if (job.status === 'completed') await trial.answersItself(courier, job);
          else assert.match(job.message ?? '', /ENOSPC|no space|full/i);
        }
        await trial.next(courier);
      },
    );
  }
});
