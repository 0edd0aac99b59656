import type { Command } from 'commander';
import { registerPauseCommand } from './pauseTarget';

/** `courier pause`: holds a job back, or all that a session has queued; what runs goes on. */
export function registerPause(program: Command): void {
  registerPauseCommand(program, {
    name: 'pause',
    description: 'hold a pending job, or the queue of a session, back; a job that runs goes on',
    doneJob: (job) => `${job} is paused.`,
    doneSession: (session) => `${session ?? 'Each session'} starts no further job until it is resumed.`,
  });
}
