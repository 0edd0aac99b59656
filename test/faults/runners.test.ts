import assert from 'node:assert/strict';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { claimFile, createClaim, newestEpoch, readRunner } from '../../src/core/runner/claims';
import { openFolder } from '../../src/core/store/folder';
import { writeSettings } from '../../src/core/store/settings';
import { systemClock } from '../../src/core/support/clock';
import { ownIdentity } from '../../src/core/support/processIdentity';
import { Monitors } from '../support/monitors';
import { RunnerProcess } from '../support/runnerProcess';
import type { TestCourier } from '../support/testCourier';
import { waitFor } from '../support/waitFor';
import { fault, isShort } from './fault';
import type { Trial } from './trial';

const slowly = (ms: number) => `Something to do.\n\ndemo-mode: slow=${ms}\n`;
const quick = { heartbeat_s: 0.2, takeover_after_s: 1 };

/** Real `courier monitor` processes on a folder, ended before it is taken away. */
async function monitors(trial: Trial, settings = {}): Promise<{ courier: TestCourier; all: Monitors }> {
  const courier = await trial.courier({ ...quick, ...settings });
  await writeSettings(courier.user, courier.settings);
  await openFolder(courier.layout, courier.user, systemClock);
  const all = new Monitors(courier);
  trial.atEnd(() => all.stop());
  return { courier, all };
}

/** Waits until the jobs have ended well, each with an answer to itself. */
async function allComplete(trial: Trial, courier: TestCourier, ids: string[]): Promise<void> {
  for (const id of ids) await trial.answersItself(courier, await trial.completes(courier, id, 60_000));
}

/** Waits until the jobs have ended: well, or between typing and proof, and then they are not sent again, and that is said. */
async function endWell(trial: Trial, courier: TestCourier, ids: string[]): Promise<void> {
  for (const id of ids) {
    const job = await courier.ended(id, 60_000);
    if (job.status === 'completed') await trial.answersItself(courier, job);
    else assert.match(`${job.reason}: ${job.message}`, /^runner_interrupted: .*not sent again/);
  }
}

const stateFiles = ({ layout }: TestCourier, id: string) => {
  const { metadata, queue, health } = layout.session(id);
  return [metadata, queue, health];
};

describe('runners', () => {
  fault('six runners begin at once, and the owner is killed (17)', { tries: 3 }, async (trial) => {
    const { courier, all } = await monitors(trial);
    const started = Array.from({ length: isShort ? 3 : 6 }, () => all.start());
    const owner = await all.owner(started, 40_000);
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push(await trial.send(courier, `Number ${n}.`, { session_id: `s${n}` }));
    const last = await trial.send(courier, slowly(1500));
    await courier.jobWhere(last, 'works', ({ phase }) => phase === 'working', 40_000);
    assert.equal(started.filter((one) => one.role() === 'owner').length, 1);
    owner.child.kill('SIGKILL');
    await allComplete(trial, courier, [...ids, last]);
    await trial.next(courier);
  });

  fault('runner that stood still wakes beside its successor (17, 29)', { tries: 3 }, async (trial) => {
    const { courier, all } = await monitors(trial);
    const first = all.start();
    await all.become(first, 'owner', 40_000);
    const id = await trial.send(courier, slowly(3000));
    await courier.jobWhere(id, 'works', ({ phase }) => phase === 'working', 40_000);
    process.kill(first.pid, 'SIGSTOP');
    trial.atEnd(() => process.kill(first.pid, 'SIGCONT'));
    const second = all.start();
    await all.become(second, 'owner', 40_000);
    const more = await trial.send(courier, 'To the second.', { session_id: 'other' });
    process.kill(first.pid, 'SIGCONT');
    await allComplete(trial, courier, [id, more]);
    await all.become(first, 'standby', 30_000);
    await trial.next(courier);
  });

  fault('window reload: the old runner leaves while the new one begins (29)', { tries: 4 }, async (trial) => {
    const courier = await trial.courier();
    const old = await courier.runner();
    await trial.next(courier);
    const ids = [await trial.send(courier, slowly(800))];
    for (let n = 0; n < 3; n++) ids.push(await trial.send(courier, `Number ${n}.`));
    await Promise.all([courier.runner(), old.stop()]);
    await endWell(trial, courier, ids);
    await trial.next(courier);
  });

  fault('pid of a dead runner is used again (18)', { tries: 3 }, async (trial) => {
    const courier = await trial.courier();
    const { folder_id } = await openFolder(courier.layout, courier.user, systemClock);
    const folder = courier.user.folder(folder_id);
    // A claim of this very process id, which began at another time than this process did.
    const own = await ownIdentity();
    const epoch = (await newestEpoch(folder)) + 1;
    const process = { ...own, start_time: '1' };
    await createClaim(folder, { epoch, kind: 'cli', program_version: 'test', process }, systemClock);
    assert.equal(
      await readRunner(folder, systemClock),
      null,
      await fs.readFile(path.join(folder.claims, claimFile(epoch)), 'utf8'),
    );
    const begun = performance.now();
    await courier.runner();
    await trial.next(courier);
    assert.ok(performance.now() - begun < courier.settings.takeover_after_s * 1000, 'without waiting for a silence');
  });

  fault('monitor.pid of a process that is another one now (18)', { tries: 2 }, async (trial) => {
    const { courier, all } = await monitors(trial);
    await fs.writeFile(courier.layout.monitorPid, JSON.stringify({ version: '1.0', pid: process.pid }));
    const monitor = all.start();
    await all.become(monitor, 'owner', 40_000);
    await trial.next(courier);
  });

  fault('runner killed at any moment of its writes (16)', { tries: 4, short: 1 }, async (trial, n) => {
    const { courier, all } = await monitors(trial);
    const sessions = ['a', 'b', 'c'];
    const ids: string[] = [];
    for (let kills = 0; kills < 4; kills++) {
      const monitor = all.start();
      const sent = await Promise.all(sessions.map((id) => trial.send(courier, `Round ${kills}.`, { session_id: id })));
      ids.push(...sent);
      await all.become(monitor, 'owner', 40_000);
      // Each try and each round at another step of the way.
      const step = (n + kills) % 4;
      const id = sent[0]!;
      if (step > 0)
        await courier.jobWhere(id, 'is on its way', ({ status, phase }) =>
          step === 1 ? status !== 'pending' : step === 2 ? phase !== 'starting' : status === 'completed',
        );
      monitor.child.kill('SIGKILL');
      for (const file of sessions.flatMap((one) => stateFiles(courier, one))) {
        const text = await fs.readFile(file, 'utf8').catch(() => '{}');
        try {
          JSON.parse(text);
        } catch {
          trial.note('wrong', `${file} is cut off: ${text}`);
        }
      }
    }
    const last = all.start();
    await all.become(last, 'owner', 40_000);
    await endWell(trial, courier, ids);
    for (const session_id of sessions) await trial.next(courier, { session_id });
  });

  fault(
    'events of the file system never come (19)',
    { tries: 2, simulated: 'a watcher that is not told' },
    async (trial) => {
      const courier = await trial.courier({ use_polling: false });
      // Chokidar sees no event of a folder that is put in place of the one it watches.
      await courier.runner();
      await trial.next(courier);
      const aside = `${courier.layout.inbox}-aside`;
      await fs.cp(courier.layout.inbox, aside, { recursive: true });
      await fs.rename(courier.layout.inbox, `${aside}-old`);
      await fs.rename(aside, courier.layout.inbox);
      await trial.next(courier);
      await trial.next(courier);
    },
  );

  fault('unreadable state files: set aside and named (16)', { tries: 3 }, async (trial, n) => {
    const courier = await trial.courier();
    const first = await courier.runner();
    await trial.next(courier);
    await first.stop();
    const file = stateFiles(courier, 'main')[n % 3]!;
    await fs.writeFile(file, '{"version":"1.0","jo');
    await courier.runner();
    await waitFor(() => courier.logged.some((line) => line.includes(file) && line.includes('set aside')), {
      what: 'a message that names the file',
    });
    const names = await fs.readdir(path.dirname(file));
    assert.ok(
      names.some((name) => name.startsWith(`${path.basename(file)}.unreadable-`)),
      names.join(' '),
    );
    await trial.next(courier);
  });

  fault('runner is a command that waits, and is interrupted (29)', { tries: 2 }, async (trial) => {
    const courier = await trial.courier(quick);
    await writeSettings(courier.user, courier.settings);
    const id = await trial.send(courier, slowly(2500));
    const waiting = await RunnerProcess.start(courier, ['wait', id]);
    trial.atEnd(() => waiting.end('SIGKILL'));
    await courier.jobWhere(id, 'works', ({ phase }) => phase === 'working');
    await waiting.end('SIGINT');
    await courier.runner();
    await trial.answersItself(courier, await trial.completes(courier, id));
  });
});
