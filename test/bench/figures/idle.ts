import * as path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { readSnapshot } from '../../../src/core/store/snapshot';
import { systemClock } from '../../../src/core/support/clock';
import { RunnerProcess } from '../../support/runnerProcess';
import { TestCourier } from '../../support/testCourier';
import { waitFor } from '../../support/waitFor';
import type { Measure } from '../figure';
import { cpuOf } from '../processes';
import { median, spreadOf } from '../samples';
import { pollInterval, pollOnce } from '../seed/monitorLoop';

/** To start and end them takes most of the time, so that the short form has a part of them. */
const sessionsOf = { full: 200, short: 40 };
/** So many start at a time. */
const atOnce = 10;

/**
 * The CPU time of a runner (`courier monitor`, its children counted in) whose sessions have nothing to do, as a part of one
 * core; each is a real tmux pane with a program in it. The seed guide's own loop over the same sessions is measured beside it.
 */
export const measure: Measure = async (form) => {
  const sessions = sessionsOf[form];
  const seconds = form === 'full' ? 60 : 3;
  // Of several windows, of which the middle one counts: V8 has one collection of 80 to 160 ms some time after the starts.
  const windows = 3;
  const sleeper = { type: 'custom' as const, command: 'sh', args: ['-c', 'printf "> "; exec sleep 86400'] };
  const agents = { default_agent: 'sleeper', agents: { sleeper: { ...sleeper, ready_pattern: '^>' } } };
  const courier = await TestCourier.create({ settings: { version: '1.0', ...agents } });
  const collector = ['--expose-gc', '--require', path.resolve('test/bench/collectOnSignal.cjs')];
  const runner = await RunnerProcess.start(courier, ['monitor'], collector);
  try {
    await fill(courier, sessions);
    // Each screen is looked at once after the first list of all panes, which at 200 sessions comes every 20 s.
    await seedLoop(courier, form === 'full' ? 25 : 6);
    // What the starts of the sessions took, which V8 gives back up to 100 s later.
    runner.signal('SIGUSR2');
    await waitFor(() => runner.output.includes('garbage collected'), { what: 'the garbage to be collected' });
    const ours: number[] = [];
    const seeds: number[] = [];
    for (let i = 0; i < windows; i++) {
      const before = used(runner.pid);
      seeds.push((await seedLoop(courier, seconds)) / seconds / 10);
      ours.push((used(runner.pid) - before) / seconds / 10);
    }
    return [
      {
        name: `CPU of the runner over ${sessions} idle sessions`,
        unit: '% of a core',
        us: median(ours),
        alternative: { name: "the seed guide's loop", value: median(seeds) },
        goals: [{ at: 'most', value: 0.3, of: 'value', reached: 0.5 }],
        runs: windows,
        spread: spreadOf(ours),
        note: `${seconds} s each, after the garbage of the starts was collected; the seed's loop reads the queues and looks at no agent`,
      },
    ];
  } finally {
    await runner.end();
    await courier.stop();
  }
};

const used = (pid: number): number => cpuOf(pid).own + cpuOf(pid).children;

async function fill({ client, layout, user }: TestCourier, sessions: number): Promise<void> {
  const ids = Array.from({ length: sessions }, (_, i) => `s-${i}`);
  const isReady = async (wanted: number) => {
    const snapshot = await readSnapshot(layout, user, systemClock, { historyLimit: 0 });
    return snapshot.sessions.filter((one) => one.metadata.state === 'ready').length === wanted;
  };
  for (let at = 0; at < sessions; at += atOnce) {
    const requested_by = 'bench';
    const some = ids.slice(at, at + atOnce);
    await Promise.all(some.map((session_id) => client.request({ action: 'create_session', session_id, requested_by })));
    await waitFor(() => isReady(at + some.length), { timeout: 60_000, interval: 50, what: `${some} to be ready` });
  }
}

/** Runs the seed's loop for so many seconds; the milliseconds of CPU time it took. */
async function seedLoop({ layout }: TestCourier, seconds: number): Promise<number> {
  let spent = 0;
  for (const end = performance.now() + seconds * 1000; ; ) {
    const before = process.cpuUsage();
    pollOnce(layout.active);
    const { user, system } = process.cpuUsage(before);
    spent += (user + system) / 1000;
    const left = end - performance.now();
    await delay(Math.min(left, pollInterval));
    if (left <= pollInterval) return spent;
  }
}
