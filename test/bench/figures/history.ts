import { existsSync, rmSync } from 'node:fs';
import { createFolder } from '../../../src/core/store/folder';
import { dropRequest, readReply } from '../../../src/core/store/inbox';
import { readSnapshot } from '../../../src/core/store/snapshot';
import { systemClock } from '../../../src/core/support/clock';
import { writeLongHistory, writeOldReply } from '../../support/longHistory';
import { RunnerProcess } from '../../support/runnerProcess';
import { TestCourier } from '../../support/testCourier';
import { waitFor } from '../../support/waitFor';
import type { Figure, Measure } from '../figure';
import { median, memoryOf, spreadOf } from '../samples';

/** To write and remove the files takes nearly all of the time, so that the short form has a part of them. */
const jobs = { full: 100_000, short: 2_000 };

/** What one start of `courier monitor` showed: milliseconds and megabytes. */
interface Sample {
  start: number;
  memory: number;
  look: number;
}

/**
 * The start of a runner (`courier monitor`, its process included, until it has answered a request that waited for it), and
 * the most memory it held when it had also done a job and its first slow look: over 100,000 finished jobs, and over none.
 */
export const measure: Measure = async (form) => {
  const runs = form === 'full' ? 11 : 2;
  const long = await workspace(jobs[form]);
  const empty = await workspace(0);
  const ours: Sample[] = [];
  const none: Sample[] = [];
  try {
    for (let i = 0; i <= runs; i++) {
      const pair = [await sample(long, i), await sample(empty, i)] as const;
      // The first pair starts the agents, and fills the caches of both.
      if (i === 0) continue;
      ours.push(pair[0]);
      none.push(pair[1]);
    }
  } finally {
    await long.stop();
    await empty.stop();
  }
  const over = `over a history of ${jobs[form].toLocaleString('en')} jobs`;
  const row = (name: string, unit: string, what: keyof Sample, goals: Figure['goals']): Figure => ({
    name: `${name} ${over}`,
    unit,
    us: median(ours.map((one) => one[what])),
    floor: median(none.map((one) => one[what])),
    goals,
    runs,
    spread: spreadOf(ours.map((one) => one[what])),
    note: 'floor: the same over an empty history',
  });
  return [
    row('start of the runner', 'ms', 'start', [{ at: 'most', value: 1000, of: 'value' }]),
    row('memory of the runner', 'MB', 'memory', [{ at: 'most', value: 30, of: 'above the floor' }]),
    row('a look of the view', 'ms', 'look', [{ at: 'most', value: 20, of: 'above the floor' }]),
  ];
};

async function workspace(all: number): Promise<TestCourier> {
  const courier = await TestCourier.create({ settings: { version: '1.0', scan_interval_s: 0.5 } });
  await createFolder(courier.layout, courier.user, systemClock);
  writeLongHistory(courier.layout, 'main', all * 0.6);
  writeLongHistory(courier.layout, 'review', all * 0.4);
  return courier;
}

async function sample(courier: TestCourier, run: number): Promise<Sample> {
  const { layout, user } = courier;
  const id = `r-start-${run}`;
  const old = writeOldReply(layout);
  await dropRequest(layout, {
    version: '1.0',
    id,
    action: 'rename_session',
    session_id: 'review',
    name: `Review ${run}`,
  });
  const from = performance.now();
  const starting = RunnerProcess.start(courier, ['monitor']);
  await waitFor(() => readReply(layout, id), { interval: 2, timeout: 60_000, what: 'the reply of a started runner' });
  const start = performance.now() - from;
  const runner = await starting;
  try {
    await courier.ended(await courier.send('answer'), 60_000);
    await waitFor(() => !existsSync(old), { timeout: 60_000, what: 'the sweep of old replies' });
    const { health } = layout.session('main');
    // A slow look sees that a file of the runner's is gone.
    rmSync(health);
    await waitFor(() => existsSync(health), { timeout: 60_000, what: 'a slow look' });
    const memory = memoryOf(runner.pid, 'VmHWM');
    const before = performance.now();
    await readSnapshot(layout, user, systemClock, { historyLimit: 20 });
    return { start, memory, look: performance.now() - before };
  } finally {
    await runner.end();
  }
}
