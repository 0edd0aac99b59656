import type { Command } from 'commander';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { note } from './print';
import { requestDone } from './request';

/** `courier cancel`: ends a job. */
export function registerCancel(program: Command): void {
  const command = program
    .command('cancel')
    .description('cancel a job; one that runs is interrupted')
    .argument('<job>', 'the job id', parseId);
  withFolder(command).action(async (jobId: string, options: FolderOptions) => {
    const context = await openContext(options);
    await requestDone(context, { action: 'cancel', job_id: jobId, requested_by: 'courier cancel' });
    note(`${jobId} is cancelled.`);
  });
}
