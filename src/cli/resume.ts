import type { Command } from 'commander';
import { type FolderOptions, openContext, parseId, withFolder } from './context';
import { note } from './print';
import { requestDone } from './request';

/** `courier resume`: lets a paused job (such as one that came with an adopted folder) go on. */
export function registerResume(program: Command): void {
  const command = program
    .command('resume')
    .description('let a paused job go on, such as one that came with an adopted folder')
    .argument('<job>', 'the job id', parseId);
  withFolder(command).action(async (jobId: string, options: FolderOptions) => {
    const context = await openContext(options);
    await requestDone(context, { action: 'resume', job_id: jobId, requested_by: 'courier resume' });
    note(`${jobId} is pending.`);
  });
}
