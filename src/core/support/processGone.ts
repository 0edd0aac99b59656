import type { Clock } from './clock';
import { Emitter } from './events';
import { isGone, isStill, type ProcessIdentity } from './processIdentity';
import { until } from './until';

/** How long a process that was told to end may take, in milliseconds, before it is killed (Claude Code 2.1.197 takes 50 to 230). */
const patience = 3000;

/** Waits until a process that was told to end is gone, and kills one that is provably still there after its time. */
export async function seeGone(process_: ProcessIdentity, clock: Clock, limitMs = patience): Promise<void> {
  // Where start times can be read, one that had none was gone already.
  if (process_.scope !== undefined && process_.start_time === undefined) return;
  const gone = async () => ((await isGone(process_)) || !answers(process_.pid) ? true : undefined);
  const waits = { clock, wake: new Emitter<void>().event, pollMs: 10, signal: new AbortController().signal };
  if (await until(gone, { ...waits, limitMs })) return;
  if (await isStill(process_)) process.kill(process_.pid, 'SIGKILL');
  await until(gone, { ...waits, limitMs: 1000 });
}

/** Whether there is a process of this number. */
function answers(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
