import type { Command } from 'commander';
import { isFinal } from '../core/model/job';
import { readReply } from '../core/store/inbox';
import { findJob } from '../core/store/snapshot';
import { type Context, type FolderOptions, openContext, parseId, unreadRequests, withFolder } from './context';
import { refusedError, usageError } from './exitCodes';
import { RunnerKeeper } from './runnerKeeper';
import { reportEnd, waitForJob } from './waitForJob';

/** `courier wait`: waits for a job that was sent before. */
export function registerWait(program: Command): void {
  const command = program
    .command('wait')
    .description('wait for a job; prints the path of its output; runs the job itself when no runner is alive')
    .argument('<job>', 'the job id', parseId);
  withFolder(command, { json: true }).action(async (jobId: string, options: FolderOptions) => {
    const context = await openContext(options);
    const job = await findJob(context.layout, jobId);
    if (job && isFinal(job.status)) {
      process.exitCode = reportEnd(context, job, options);
      return;
    }
    if (!job) await requireRequest(context, jobId);
    const keeper = new RunnerKeeper(context);
    try {
      process.exitCode = await waitForJob(context, keeper, jobId, options);
    } finally {
      await keeper.stop();
    }
  });
}

/** Throws unless a request with this id is still unread, or was just accepted. */
async function requireRequest({ layout }: Context, jobId: string): Promise<void> {
  if ((await unreadRequests(layout)).includes(`${jobId}.json`)) return;
  const reply = await readReply(layout, jobId);
  if (reply && !reply.ok) throw refusedError(reply.error);
  if (!reply && !(await findJob(layout, jobId))) throw usageError(`There is no job ${jobId} in ${layout.root}.`);
}
