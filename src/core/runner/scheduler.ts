import type { Job } from '../model/job';
import type { ManagedSession } from '../sessions/managedSession';
import { isoTime } from '../support/clock';
import { isSuperseded } from '../support/errors';
import type { RequestContext } from './context';
import { JobRun } from './jobRun';
import { runJob } from './runJob';

/**
 * Starts what may start: pending jobs in the order of their queues and, over all sessions, in the order in which they came, at
 * most `max_concurrent_jobs` at once over all. A session takes one job at a time, a paused one none; fresh jobs need no session
 * of their own.
 */
export function startJobs(context: RequestContext): void {
  // A round that was under way when the runner was stopped: nobody would end what it starts.
  if (context.stopping.aborted || context.draining) return;
  const free = () => context.settings.max_concurrent_jobs - context.runs.size;
  const inOrder = [...context.sessions.values()].flatMap((session) => candidates(context, session));
  inOrder.sort((a, b) => (a.turn < b.turn ? -1 : a.turn > b.turn ? 1 : 0));
  for (const { session, job } of inOrder) {
    if (free() <= 0) return;
    session.updateJob(job.job_id, { status: 'running', phase: 'starting', started_at: isoTime(context.clock.now()) });
    execute(context, new JobRun(context, session, job));
  }
}

interface Candidate {
  session: ManagedSession;
  job: Job;
  /** When the oldest came of those that wait in its queue from it on: one that was moved ahead takes the turn of those it passed. */
  turn: string;
}

/** The jobs of a session that may start now, in the order of its queue. */
function candidates(context: RequestContext, session: ManagedSession): Candidate[] {
  // Of most sessions most of the time: nothing more is done for them.
  if (session.jobs.length === 0 || session.isPaused) return [];
  const pending = session.jobs.filter((job) => job.status === 'pending');
  const taken =
    session.recovering !== undefined ||
    session.jobs.some((job) => job.status === 'running' && job.mode === 'session' && context.runs.has(job.job_id));
  const next = taken ? undefined : pending.find((job) => job.mode === 'session');
  const found: Candidate[] = [];
  let turn: string | undefined;
  for (const job of pending.reverse()) {
    if (turn === undefined || job.created_at < turn) turn = job.created_at;
    if (job.mode === 'fresh' || job === next) found.push({ session, job, turn });
  }
  return found.reverse();
}

/** Executes a job beside the others; the scheduler looks again when it ends. */
export function execute(context: RequestContext, run: JobRun): void {
  const { job_id } = run.job;
  context.runs.set(job_id, run);
  run.done = runJob(run)
    .catch((error) => {
      if (!isSuperseded(error)) context.log.error(`${job_id}: its end could not be written`, error);
    })
    .finally(() => {
      context.runs.delete(job_id);
      context.wake();
    });
}
