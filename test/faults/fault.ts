import { addRow, type FaultRow } from './row';
import { Trial } from './trial';

/** Whether this is the short run, with fewer tries of each fault. */
export const isShort = process.env.FAULT_FORM === 'short';

export interface FaultOptions {
  /** How often it is tried; once in the short run, unless `short` says more. */
  tries: number;
  short?: number;
  /** What stands in for the real thing. */
  simulated?: string;
  /** Why it can't be tried on this machine: its row says so, and counts as nothing. */
  notRun?: string | false;
}

/** A fault as a mocha test, tried several times, each in a workspace of its own: one row of the table. Fails when a try did not survive. */
export function fault(name: string, options: FaultOptions, attempt: (trial: Trial, n: number) => Promise<void>): void {
  it(name, async function () {
    this.timeout(300_000);
    const begun = performance.now();
    const row: FaultRow = { fault: name, tried: 0, survived: 0, lost: 0, doubled: 0, wrong: 0, seconds: 0 };
    if (options.simulated) row.simulated = options.simulated;
    const problems: string[] = [];
    try {
      if (options.notRun) row.not_run = options.notRun;
      else for (const tries = isShort ? (options.short ?? 1) : options.tries; row.tried < tries; ) await tryOnce();
    } finally {
      row.seconds = (performance.now() - begun) / 1000;
      addRow(row);
    }
    if (problems.length > 0) throw new Error(problems.join('\n'));

    async function tryOnce(): Promise<void> {
      const trial = new Trial();
      const n = row.tried++;
      try {
        await attempt(trial, n);
      } catch (error) {
        trial.note('wrong', error instanceof Error ? (error.stack ?? error.message) : String(error));
      }
      await trial.finish();
      for (const kind of ['lost', 'doubled', 'wrong'] as const) row[kind] += trial[kind];
      if (trial.problems.length === 0) row.survived++;
      problems.push(...trial.problems.map((problem) => `try ${n}: ${problem}`));
    }
  });
}
