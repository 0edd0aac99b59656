import type { Clock } from './clock';
import { hasCode } from './errors';
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
  if (await isStill(process_)) killNow(process_.pid);
  await until(gone, { ...waits, limitMs: 1000 });
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself since the look at it.
    if (!hasCode(error, 'ESRCH')) throw error;
  }
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
