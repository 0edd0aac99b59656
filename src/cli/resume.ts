import type { Command } from 'commander';
import { registerPauseCommand } from './pauseTarget';

/** `courier resume`: lets a paused job (such as one that came with an adopted folder) or session go on. */
export function registerResume(program: Command): void {
  registerPauseCommand(program, {
    name: 'resume',
    description: 'let a paused job, such as one that came with an adopted folder, or a paused session go on',
    doneJob: (job) => `${job} is pending.`,
    doneSession: (session) => `${session ?? 'Each session'} starts jobs again.`,
  });
}
