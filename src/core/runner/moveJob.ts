import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { Job } from '../model/job';
import type { Request } from '../model/request';
import type { ManagedSession } from '../sessions/managedSession';
import { requireRealFolder } from '../store/realFolder';
import { isSuperseded, messageOf } from '../support/errors';
import type { RunnerContext } from './context';
import { writeAnew } from './enqueue';
import { type FoundJob, findSession, invalid, waitingJob } from './findJobs';
import { findPromptText } from './promptFile';

type Move = Extract<Request, { action: 'move' }>;

/** Puts a job that has not begun elsewhere in its queue, or into another session's. Returns the sessions whose queues changed. */
export async function moveJob(context: RunnerContext, request: Move): Promise<ManagedSession[]> {
  const found = await waitingJob(context, request.job_id);
  const before = request.before === undefined ? undefined : await waitingJob(context, request.before);
  if (before?.job === found.job) throw invalid(`Job ${found.job.job_id} can't be moved before itself.`);
  const target = before?.session ?? findSession(context, request.session_id!);
  if (request.session_id !== undefined && request.session_id !== target.id)
    throw invalid(`Job ${request.before} is in session "${target.id}", not in "${request.session_id}".`);
  if (target === found.session) {
    target.removeJob(found.job.job_id);
    target.insertJob(found.job, before?.job.job_id);
  } else await moveToSession(context, found, target, before?.job.job_id);
  return [found.session, target];
}

/**
 * Its files are written anew in the other session's folder, with its prompt word for word. It stands in both queues for a moment,
 * marked in the one that it leaves, so that a crash neither loses nor doubles it (`settleMoves`).
 */
async function moveToSession(
  context: RunnerContext,
  { session: from, job }: FoundJob,
  to: ManagedSession,
  before: string | undefined,
): Promise<void> {
  const { layout } = context;
  const old = layout.resolve(job.prompt_path);
  const text = old && (await findPromptText(old).catch(() => undefined));
  if (!text) throw invalid(`The prompt of job ${job.job_id} can't be read (${job.prompt_path}), so it was not moved.`);
  await Promise.all([to.files.prompts, to.files.output].map((dir) => requireRealFolder(layout, dir)));
  const files = to.files.jobFiles(job);
  const moved: Job = { ...job, session_id: to.id, prompt_path: files.prompt, output_path: files.output };
  // A job of the session's conversation is the session's agent's; one of its own conversation keeps its agent.
  if (job.mode === 'session') moved.agent = to.metadata.agent;
  moved.follows = undefined;
  moved.prompt_mtime_ns = String(await writeAnew(context, moved, text.end < text.start ? { text: '' } : text));
  try {
    from.updateJob(job.job_id, { moving_to: to.id });
    await from.flushQueue();
    to.insertJob(moved, before);
    to.saveQueue();
    await to.flushQueue();
  } catch (error) {
    if (isSuperseded(error)) throw error;
    to.removeJob(job.job_id);
    from.updateJob(job.job_id, { moving_to: undefined });
    await fs.rm(path.join(layout.workspace, moved.prompt_path), { force: true });
    throw error;
  }
  // While the queue that it leaves still names it: whoever settles the move removes it, too.
  await context.guard();
  await fs.rm(old!, { force: true }).catch((error) => context.log.warn(`${old} stays: ${messageOf(error)}`));
  from.removeJob(job.job_id);
  to.log('info', `${job.job_id}: moved here from ${from.id}`);
}
