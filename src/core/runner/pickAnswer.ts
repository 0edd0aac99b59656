import { appendPicked } from '../store/picked';
import type { RunnerContext } from './context';
import { findJob, invalid } from './findJobs';

/** Writes down that a person picked a job's answer among those of its group. The other answers stay as they are. */
export async function pickAnswer(context: RunnerContext, jobId: string): Promise<void> {
  const { session, job } = await findJob(context, jobId);
  if (job.status !== 'completed') throw invalid(`Job ${jobId} is ${job.status}, and has no answer to pick.`);
  if (job.group_id === undefined) throw invalid(`Job ${jobId} was sent by itself, so there is nothing to pick from.`);
  await context.guard();
  await session.mendFolder(session.files.historyDir);
  await appendPicked(session.files, job, context.clock.now());
  session.log('info', `${jobId}: its answer was picked among those of ${job.group_id}`);
}
