import type { Command } from 'commander';
import type { PlainRequest } from '../core/client';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { usageError } from './exitCodes';
import { note } from './print';
import { requestDone } from './request';

interface Options extends FolderOptions {
  session?: string;
  all?: boolean;
}

/** What `courier pause` and `courier resume` are called, and what they say when it is done. */
export interface PauseCommand {
  name: 'pause' | 'resume';
  description: string;
  doneJob(job: string): string;
  /** Without a session, of all. */
  doneSession(session: string | undefined): string;
}

/** Adds a command on one job, a session, or all sessions. */
export function registerPauseCommand(program: Command, { name, description, ...done }: PauseCommand): void {
  const command = program
    .command(name)
    .description(description)
    .argument('[job]', 'the job id', parseId)
    .option('--session <id>', 'the session with all of its queue', parseId)
    .option('--all', 'all sessions of the folder');
  withFolder(command).action(async (jobId: string | undefined, options: Options) => {
    const { session, all } = options;
    const named = [jobId, session, all].filter((one) => one !== undefined);
    if (named.length !== 1) throw usageError('Name one of: a job, --session with a session, --all.');
    const context = await openContext(options);
    const action = `${name}_session` as const;
    const request: PlainRequest = jobId
      ? { action: name, job_id: jobId }
      : all
        ? { action }
        : { action, session_id: session! };
    await requestDone(context, { ...request, requested_by: `courier ${name}` });
    note(jobId ? done.doneJob(jobId) : done.doneSession(session));
  });
}
