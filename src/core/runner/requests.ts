import { isFinal, type Job } from '../model/job';
import type { Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import { deleteSession, purgeSession, restoreSession } from './archive';
import { cleanUp } from './cleanUp';
import type { RequestContext } from './context';
import { stopSession } from './endSession';
import { enqueue, retry } from './enqueue';
import { findJob, findSession, invalid, liveJob } from './findJobs';
import { finishUnstarted } from './finishUnstarted';
import { killUnmanaged } from './killUnmanaged';
import { makeSession } from './makeSession';
import { moveJob } from './moveJob';
import { pickAnswer } from './pickAnswer';
import { recoverSession } from './recoverSession';
import { updatePrompt } from './updatePrompt';

/** Does what a request asks for, whose file is of the time `askedAt` (milliseconds). Returns the sessions whose queues are to be written; throws CourierError for what can't be done. */
export async function perform(context: RequestContext, request: Request, askedAt: number): Promise<ManagedSession[]> {
  switch (request.action) {
    case 'enqueue': {
      return (await taken(context, request.id, request.session_id)) ?? [await enqueue(context, request, askedAt)];
    }
    case 'retry': {
      const { session, job } = await findJob(context, request.job_id);
      const before = await taken(context, request.id, session.id);
      if (!before) await retry(context, session, job, { id: request.id, requested_by: request.requested_by, askedAt });
      return before ?? [session];
    }
    case 'cancel':
      return cancel(context, request.job_id);
    case 'pause':
      return change(context, request.job_id, 'pending', 'paused');
    case 'resume':
      return change(context, request.job_id, 'paused', 'pending');
    case 'pick_answer':
      await pickAnswer(context, request.job_id);
      return [];
    case 'update':
      return [await updatePrompt(context, request)];
    case 'move':
      return moveJob(context, request);
    case 'pause_session':
    case 'resume_session': {
      const { session_id } = request;
      const all = session_id === undefined ? [...context.sessions.values()] : [findSession(context, session_id)];
      await Promise.all(all.map((session) => session.pause(request.action === 'pause_session')));
      return [];
    }
    case 'create_session':
      return [await makeSession(context, request)];
    case 'stop_session':
      return [await stopSession(context, findSession(context, request.session_id))];
    case 'recover_session':
      return [await recoverSession(context, findSession(context, request.session_id), request.recovery)];
    case 'delete_session':
      await deleteSession(context, findSession(context, request.session_id));
      return [];
    case 'rename_session':
      await findSession(context, request.session_id).rename(request.name);
      return [];
    case 'restore_session':
      return [await restoreSession(context, request.session_id)];
    case 'clean_up':
      await cleanUp(context, request.items);
      return [];
    case 'kill_unmanaged':
      await killUnmanaged(context, request.tmux_session);
      return [];
    case 'purge_session':
      await purgeSession(context, request.session_id);
      return [];
  }
}

async function cancel(context: RequestContext, jobId: string): Promise<ManagedSession[]> {
  const { session, job } = await findJob(context, jobId);
  // One whose end is on disk has a run for a moment yet, which gives its pane back.
  const run = isFinal(job.status) ? undefined : context.runs.get(jobId);
  if (run) run.stop({ kind: 'cancelled' });
  else if (job.status === 'pending' || job.status === 'paused') await finishUnstarted(context, session, job);
  else throw invalid(`Job ${jobId} is ${job.status} already.`);
  return [session];
}

async function change(
  context: RequestContext,
  jobId: string,
  from: Job['status'],
  to: Job['status'],
): Promise<ManagedSession[]> {
  const { session, job } = await findJob(context, jobId);
  if (job.status !== from) throw invalid(`Job ${jobId} is ${job.status}, not ${from}.`);
  session.updateJob(jobId, { status: to });
  return [session];
}

/**
 * For a request that was done before and not answered (the job of its id is live, or has ended in its session a moment ago): the
 * session whose queue is to be written, since what kept it from being answered may have been that write.
 */
async function taken(context: RequestContext, id: string, sessionId: string): Promise<ManagedSession[] | undefined> {
  const live = liveJob(context, id);
  if (live) return [live.session];
  return (await context.sessions.get(sessionId)?.hasEnded(id)) ? [] : undefined;
}
