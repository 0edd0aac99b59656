import { type Job, requireMove } from '../model/job';
import type { ManagedSession } from '../sessions/managedSession';
import { isoTime } from '../support/clock';
import type { RunnerContext } from './context';

/** Cancels a job that never began; it and its prompt stay in the history. */
export async function finishUnstarted(
  context: RunnerContext,
  session: ManagedSession,
  job: Job,
  message?: string,
): Promise<void> {
  requireMove(job, 'cancelled');
  await session.keepEnd({ ...job, status: 'cancelled', message, finished_at: isoTime(context.clock.now()) });
  // With whatever else is asked for in the same look.
  session.removeJob(job.job_id, 'soon');
  session.log('info', `${job.job_id}: cancelled before it began`);
}
