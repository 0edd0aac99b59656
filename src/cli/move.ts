import type { Command } from 'commander';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { usageError } from './exitCodes';
import { note } from './print';
import { requestDone } from './request';

interface Options extends FolderOptions {
  before?: string;
  session?: string;
}

/** `courier move`: puts a job that has not begun elsewhere in its queue, or into another session's. */
export function registerMove(program: Command): void {
  const command = program
    .command('move')
    .description("put a job that has not begun before another one, or at the end of a session's queue")
    .argument('<job>', 'the job id', parseId)
    .option('--before <job>', 'the job that it is to run before', parseId)
    .option('--session <id>', 'the session to whose queue it goes', parseId);
  withFolder(command).action(async (job_id: string, options: Options) => {
    const { before, session } = options;
    if (before === undefined && session === undefined) throw usageError('Name --before, --session, or both.');
    const context = await openContext(options);
    const place = { ...(before ? { before } : {}), ...(session ? { session_id: session } : {}) };
    await requestDone(context, { action: 'move', job_id, ...place, requested_by: 'courier move' });
    note(before ? `${job_id} runs before ${before}.` : `${job_id} is the last in the queue of ${session}.`);
  });
}
