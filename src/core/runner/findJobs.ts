import type { Job } from '../model/job';
import type { ManagedSession } from '../sessions/managedSession';
import { findInHistory } from '../store/history';
import { CourierError } from '../support/errors';
import type { RunnerContext } from './context';

/** A job and the session whose it is. */
export interface FoundJob {
  session: ManagedSession;
  job: Job;
}

/** A live job; undefined when there is none of this id. */
export function liveJob(context: RunnerContext, jobId: string): FoundJob | undefined {
  for (const session of context.sessions.values()) {
    const job = session.job(jobId);
    if (job) return { session, job };
  }
  return undefined;
}

/** A job that is live or has ended; throws for one that nobody knows. */
export async function findJob(context: RunnerContext, jobId: string): Promise<FoundJob> {
  const live = liveJob(context, jobId);
  if (live) return live;
  for (const session of context.sessions.values()) {
    const job = await findInHistory(session.files, jobId);
    if (job) return { session, job };
  }
  throw invalid(`There is no job ${jobId}.`);
}

/** A job that has not begun, pending or paused; throws, with what became of it, for any other. */
export async function waitingJob(context: RunnerContext, jobId: string): Promise<FoundJob> {
  const found = await findJob(context, jobId);
  const { status } = found.job;
  if (status === 'running') throw invalid(`Job ${jobId} has begun, so nothing was changed.`);
  if (status !== 'pending' && status !== 'paused') throw invalid(`Job ${jobId} is ${status} already.`);
  return found;
}

/** A session; throws when there is none of this id. */
export function findSession(context: RunnerContext, id: string): ManagedSession {
  const session = context.sessions.get(id);
  if (!session) throw invalid(`There is no session "${id}".`);
  return session;
}

/** Why something that was asked for can't be done. */
export const invalid = (message: string) => new CourierError('invalid_request', message);
