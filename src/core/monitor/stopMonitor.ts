import * as fs from 'node:fs/promises';
import { readRunner } from '../runner/claims';
import { openFolder } from '../store/folder';
import type { Layout } from '../store/layout';
import type { FolderState, UserState } from '../store/userState';
import type { Clock } from '../support/clock';
import { CourierError, hasCode } from '../support/errors';
import { presence } from '../support/processIdentity';
import { type MonitorRecord, markStopped, readMonitor } from './post';

/** How long a monitor may take to end, and how often it is looked at meanwhile, in milliseconds. */
const stopLimit = 20_000;
const lookEvery = 50;

/**
 * Ends a folder's monitor and remembers that a person wanted it so; jobs and agents stay as they are in tmux, for the next
 * runner. Resolves with the one that ended, undefined when none ran. Throws `monitor_stop` when it doesn't end.
 */
export async function stopMonitor(layout: Layout, user: UserState, clock: Clock): Promise<MonitorRecord | undefined> {
  const { folder_id } = await openFolder(layout, user, clock);
  const folder = user.folder(folder_id);
  const found = await readMonitor(folder, clock);
  // Before the signal, so that nobody starts it again; a monitor that no signal reaches finds it, too.
  await markStopped(folder, clock);
  if (found.kind !== 'running' && found.kind !== 'silent') return undefined;
  const { monitor } = found;
  if (found.provable) signal(monitor.process.pid);
  // One that hangs ends when it goes on.
  if (found.kind === 'running') await waitForEnd(folder, monitor, clock);
  return monitor;
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error;
  }
}

async function waitForEnd(folder: FolderState, monitor: MonitorRecord, clock: Clock): Promise<void> {
  const { pid, host } = monitor.process;
  for (const end = clock.monotonic() + stopLimit; clock.monotonic() < end; ) {
    const seen = await presence(monitor.process);
    if (seen === 'gone') return;
    // Of a process that can't be seen from here only the claim is known: it is given back at the end.
    const runner = seen === 'unknown' ? await readRunner(folder, clock) : undefined;
    if (seen === 'unknown' && !(runner?.pid === pid && runner.host === host)) return;
    await new Promise<void>((resolve) => clock.after(lookEvery, resolve));
  }
  throw new CourierError(
    'monitor_stop',
    `The monitor (process ${pid} on ${host}) was told to end, and has not. It ends as soon as it can; end the process yourself if it hangs. Jobs and agents are kept.`,
  );
}

/** Has a monitor that was started because of the setting leave between jobs, since the setting says otherwise now. */
export async function retireMonitor(layout: Layout, user: UserState, clock: Clock): Promise<void> {
  const folder = user.folder((await openFolder(layout, user, clock)).folder_id);
  const found = await readMonitor(folder, clock);
  if (found.kind === 'running' && found.monitor.started_by === 'setting') await fs.rm(folder.monitor, { force: true });
}
