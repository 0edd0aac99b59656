import type { ManagedSession } from '../sessions/managedSession';
import { isoTime } from '../support/clock';
import type { RequestContext } from './context';
import { JobRun } from './jobRun';
import { runJob } from './runJob';

/**
 * Starts what may start: pending jobs in the order in which they came, first in first out in a session, at most
 * `max_concurrent_jobs` at once over all. A session takes one job at a time; fresh jobs need no session of their own.
 */
export function startJobs(context: RequestContext): void {
  // A round that was under way when the runner was stopped: nobody would end what it starts.
  if (context.stopping.aborted) return;
  const free = () => context.settings.max_concurrent_jobs - context.runs.size;
  const queues = [...context.sessions.values()].map((session) => ({ session, jobs: candidates(context, session) }));
  const inOrder = queues.flatMap(({ session, jobs }) => jobs.map((job) => ({ session, job })));
  inOrder.sort((a, b) => a.job.created_at.localeCompare(b.job.created_at) || 0);
  for (const { session, job } of inOrder) {
    if (free() <= 0) return;
    session.updateJob(job.job_id, { status: 'running', phase: 'starting', started_at: isoTime(context.clock.now()) });
    execute(context, new JobRun(context, session, job));
  }
}

function candidates(context: RequestContext, session: ManagedSession) {
  const pending = session.jobs.filter((job) => job.status === 'pending');
  const taken =
    session.recovering !== undefined ||
    session.jobs.some((job) => job.status === 'running' && job.mode === 'session' && context.runs.has(job.job_id));
  const next = taken ? undefined : pending.find((job) => job.mode === 'session');
  return pending.filter((job) => job.mode === 'fresh' || job === next);
}

/** Executes a job beside the others; the scheduler looks again when it ends. */
export function execute(context: RequestContext, run: JobRun): void {
  const { job_id } = run.job;
  context.runs.set(job_id, run);
  run.done = runJob(run)
    .catch((error) => context.log.error(`${job_id}: its end could not be written`, error))
    .finally(() => {
      context.runs.delete(job_id);
      context.wake();
    });
}
