import type { Job } from '../model/job';
import type { Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import { findInHistory, justEnded } from '../store/history';
import { CourierError } from '../support/errors';
import type { RequestContext } from './context';
import { deleteSession, stopSession } from './endSession';
import { enqueue, retry } from './enqueue';
import { finishUnstarted } from './finishUnstarted';
import { createSession } from './loadSessions';

/** Does what a request asks for. Returns the sessions whose queues are to be written; throws CourierError for what can't be done. */
export async function perform(context: RequestContext, request: Request): Promise<ManagedSession[]> {
  switch (request.action) {
    case 'enqueue': {
      if (await findJobById(context, request.id, justEnded)) return [];
      return [await enqueue(context, request)];
    }
    case 'retry': {
      if (await findJobById(context, request.id, justEnded)) return [];
      const { session, job } = await jobOf(context, request.job_id);
      await retry(context, session, job, request.id, request.requested_by);
      return [session];
    }
    case 'cancel':
      return cancel(context, request.job_id);
    case 'pause':
      return move(context, request.job_id, 'pending', 'paused');
    case 'resume':
      return move(context, request.job_id, 'paused', 'pending');
    case 'create_session': {
      if (context.sessions.has(request.session_id))
        throw invalid(`There is a session "${request.session_id}" already.`);
      const agent = request.agent ?? context.settings.default_agent;
      context.launcher.agent(agent);
      const session = await createSession(context, request.session_id, agent, request.name);
      // The reply says that the session exists; how its start goes stands in its files.
      context.ensureStarted(session).catch(() => undefined);
      return [session];
    }
    case 'stop_session':
      return [await stopSession(context, sessionOf(context, request.session_id))];
    case 'delete_session':
      await deleteSession(context, sessionOf(context, request.session_id));
      return [];
  }
}

async function cancel(context: RequestContext, jobId: string): Promise<ManagedSession[]> {
  const { session, job } = await jobOf(context, jobId);
  const run = context.runs.get(jobId);
  if (run) run.stop({ kind: 'cancelled' });
  else if (job.status === 'pending' || job.status === 'paused') await finishUnstarted(context, session, job);
  else throw invalid(`Job ${jobId} is ${job.status} already.`);
  return [session];
}

async function move(
  context: RequestContext,
  jobId: string,
  from: Job['status'],
  to: Job['status'],
): Promise<ManagedSession[]> {
  const { session, job } = await jobOf(context, jobId);
  if (job.status !== from) throw invalid(`Job ${jobId} is ${job.status}, not ${from}.`);
  session.updateJob(jobId, { status: to });
  return [session];
}

async function jobOf(context: RequestContext, jobId: string): Promise<{ session: ManagedSession; job: Job }> {
  const found = await findJobById(context, jobId);
  if (!found) throw invalid(`There is no job ${jobId}.`);
  return found;
}

async function findJobById(
  context: RequestContext,
  jobId: string,
  among?: number,
): Promise<{ session: ManagedSession; job: Job } | undefined> {
  for (const session of context.sessions.values()) {
    const job = session.job(jobId);
    if (job) return { session, job };
  }
  for (const session of context.sessions.values()) {
    const job = await findInHistory(session.files, jobId, among);
    if (job) return { session, job };
  }
  return undefined;
}

function sessionOf(context: RequestContext, id: string): ManagedSession {
  const session = context.sessions.get(id);
  if (!session) throw invalid(`There is no session "${id}".`);
  return session;
}

const invalid = (message: string) => new CourierError('invalid_request', message);
