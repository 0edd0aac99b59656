import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import type { Job } from '../model/job';
import { Health, SessionMetadata } from '../model/session';
import { ManagedSession } from '../sessions/managedSession';
import { endsLive, justEnded, readHistory } from '../store/history';
import { type JsonRead, readJson, setAside } from '../store/jsonFile';
import type { SessionLayout } from '../store/layout';
import { type Sorted, sortJobs } from '../store/ownJobs';
import { QueueFile } from '../store/queueFile';
import { isRealFolder, requireRealFolder } from '../store/realFolder';
import { findJob } from '../store/snapshot';
import { namesIn } from '../store/userState';
import { isoTime } from '../support/clock';
import { CourierError, hasCode } from '../support/errors';
import type { RunnerContext } from './context';
import { moveToDeleted } from './moveToDeleted';
import { sweepLeftovers } from './sweep';

/** Makes a session that isn't there yet; its files are written, nothing is started. */
export async function createSession(
  context: RunnerContext,
  id: string,
  agent: string,
  { name = id, subagent, conversation }: { name?: string; subagent?: string; conversation?: string } = {},
): Promise<ManagedSession> {
  const now = isoTime(context.clock.now());
  const metadata: SessionMetadata = {
    version: '1.0',
    session_id: id,
    name,
    created_at: now,
    state: 'created',
    tmux_session: null,
    agent,
    ...(subagent === undefined ? {} : { subagent }),
    ...(conversation === undefined ? {} : { conversation_id: conversation }),
    epoch: context.epoch,
  };
  const files = context.layout.session(id);
  if (!(await isUnbegun(files))) {
    throw new CourierError(
      'invalid_request',
      `${files.dir} is there already, and this Tmux Courier can't use it (its log says why). Nothing in it was changed; choose another session id.`,
    );
  }
  const session = new ManagedSession(files, metadata, newHealth(context.epoch), [], context);
  try {
    await session.makeFolders();
  } catch (error) {
    // It isn't there in part; a successor's, if this one slept, is none of ours.
    await context.guard();
    for (const dir of files.folders.toReversed()) await fs.rmdir(dir).catch(() => undefined);
    throw error;
  }
  session.moveTo('created');
  session.saveQueue();
  context.sessions.set(id, session);
  return session;
}

/** Whether nothing stands in a session's place but our own empty folders: a runner that was stopped had just begun to make it. */
async function isUnbegun({ dir, folders }: SessionLayout): Promise<boolean> {
  const names = await Promise.all(folders.map(async (one) => (await namesIn(one)).map((name) => path.join(one, name))));
  return names.flat().every((one) => one !== dir && folders.includes(one));
}

/**
 * Reads every session of the folder from disk. A file that can't be read is set aside and named; a newer version's session is
 * left alone, and so is whatever can't be a session's folder: one of them may not keep all others from working.
 */
export async function loadSessions(context: RunnerContext): Promise<void> {
  for (const id of (await namesIn(context.layout.active)).filter((name) => idPattern.test(name))) {
    const { dir } = context.layout.session(id);
    try {
      await requireRealFolder(context.layout, dir);
      const session = await loadSession(context, id);
      if (session?.metadata.state === 'deleted') await finishDeleting(context, session);
    } catch (error) {
      if (!isOfTheFiles(error)) throw error;
      context.log.error(`${dir} can't be used as a session, and is left as it is`, error);
    }
  }
  await settleMoves(context);
}

/** Ends the moves that a crash cut off: of a job that has arrived, the copy that it left is dropped; else it stays where it was. */
async function settleMoves(context: RunnerContext): Promise<void> {
  for (const session of context.sessions.values())
    for (const job of session.jobs.filter((one) => one.moving_to !== undefined)) {
      const { job_id, moving_to, prompt_path } = job;
      const arrived =
        moving_to === session.id ? undefined : await findJob(context.layout, job_id, moving_to, justEnded);
      session.updateJob(job_id, { moving_to: undefined });
      if (!arrived) continue;
      session.removeJob(job_id);
      const left = context.layout.resolve(prompt_path);
      if (left && prompt_path !== arrived.prompt_path) await fs.rm(left, { force: true });
    }
}

/** Whether an error comes from what stands in a folder, so that it would come again; others, such as a full disk, may pass. */
function isOfTheFiles(error: unknown): boolean {
  if (error instanceof CourierError) return error.code === 'refused';
  return hasCode(error, 'EEXIST', 'ENOTDIR', 'EISDIR', 'ELOOP', 'ENXIO', 'EACCES', 'EPERM', 'ENAMETOOLONG');
}

/** A session that was cut off in the middle of deleting it: its tmux session was gone by then. */
async function finishDeleting(context: RunnerContext, session: ManagedSession): Promise<void> {
  context.sessions.delete(session.id);
  try {
    await session.flush();
    await moveToDeleted(context, session.id);
  } catch (error) {
    context.log.error(`${session.id} is deleted and could not be moved`, error);
  }
}

/** Reads one session from disk, as `loadSessions` does; undefined when it is to be left alone. */
export async function loadSession(context: RunnerContext, id: string): Promise<ManagedSession | undefined> {
  const files = context.layout.session(id);
  const stateDir = path.dirname(files.health);
  const state = await isRealFolder(context.layout, stateDir);
  // Before anything is read: a predecessor that only sleeps may have a write under way.
  for (const dir of state ? [files.dir, stateDir] : [files.dir]) await sweepLeftovers(dir);
  const reads = {
    metadata: await readJson(SessionMetadata, files.metadata),
    health: state ? await readJson(Health, files.health) : missing,
    queue: await readJson(QueueFile, files.queue),
  };
  const newer = Object.values(reads).filter((read) => read.kind === 'newer');
  for (const { message } of newer) context.log.warn(message);
  if (newer.length > 0) return undefined;

  const metadata = await usable(context, own(reads.metadata, id, files.metadata), files.metadata);
  const health = await usable(context, reads.health, files.health);
  const queue = await usable(context, reads.queue, files.queue);
  const sorted = sortJobs(context.layout, id, queue?.jobs ?? []);
  const jobs = sorted.live;
  const session = new ManagedSession(
    files,
    metadata ?? (await rebuilt(context, files, id, jobs)),
    health ?? newHealth(context.epoch),
    jobs,
    context,
  );
  await session.makeFolders();
  if (sorted.foreign.length > 0) await usable(context, foreignJobs(files.queue, sorted.foreign), files.queue);
  if (queue && queue.jobs.length > 0) await takeOverJobs(context, session, queue.epoch, sorted);
  // For who only reads: what was set aside, or was not there, would be missing until the next change.
  if (!metadata || !health || !queue) session.rewrite();
  context.sessions.set(id, session);
  return session;
}

const missing = { kind: 'missing' } as const;

function own(read: JsonRead<SessionMetadata>, id: string, file: string): JsonRead<SessionMetadata> {
  if (read.kind !== 'ok' || read.value.session_id === id) return read;
  return { kind: 'unreadable', message: `${file} is of another session, "${read.value.session_id}"` };
}

function foreignJobs(file: string, jobs: readonly Job[]): JsonRead<never> {
  const ids = jobs.slice(0, 10).map((job) => job.job_id);
  const message = `${file} holds jobs of other sessions, or one of them twice (${ids.join(', ')}), which are not run`;
  return { kind: 'unreadable', message };
}

function newHealth(epoch: number): Health {
  return {
    version: '1.0',
    state: 'created',
    tmux_active: false,
    claude_ready: false,
    last_probe: null,
    error_count: 0,
    epoch,
  };
}

/** What was read; what can't be used is set aside, and the log says where. */
async function usable<T>(context: RunnerContext, read: JsonRead<T>, file: string): Promise<T | undefined> {
  if (read.kind === 'ok') return read.value;
  if (read.kind === 'missing') return undefined;
  const aside = await setAside(file, context.clock.now());
  context.log.error(`${read.message}. It was set aside as ${aside}; nothing else was touched.`);
  return undefined;
}

/**
 * Makes a queue this runner's own, then drops the jobs that its predecessor had ended and not yet taken out. In this order
 * nobody believes what the predecessor, if it only slept, says of a job from here on; a higher epoch than ours is no runner's.
 */
async function takeOverJobs(
  context: RunnerContext,
  session: ManagedSession,
  queueEpoch: number,
  { ended, strayed }: Sorted,
): Promise<void> {
  session.saveQueue();
  await session.flushQueue();
  const before = queueEpoch < context.epoch ? queueEpoch : 0;
  // Read once: to look for each of a thousand jobs by itself would take seconds.
  const history = await readHistory(session.files, justEnded);
  for (const finished of history)
    if (session.job(finished.job_id) && endsLive(finished, before)) session.removeJob(finished.job_id);
  const known = new Set(history.filter((job) => endsLive(job, before)).map((job) => job.job_id));
  const finished_at = isoTime(context.clock.now());
  const message = 'It names files that are not its own; nothing of them was read or written.';
  const refused = strayed.map((job): Job => ({ ...job, status: 'failed', reason: 'refused', message, finished_at }));
  for (const job of [...ended, ...refused]) if (!known.has(job.job_id)) await session.keepEnd(job);
}

/** Metadata for a session whose own was lost: its agent is known from its jobs. */
async function rebuilt(
  context: RunnerContext,
  files: SessionLayout,
  id: string,
  jobs: Job[],
): Promise<SessionMetadata> {
  const last = jobs[0] ?? (await readHistory(files, 1))[0];
  return {
    version: '1.0',
    session_id: id,
    name: id,
    created_at: last?.created_at ?? isoTime(context.clock.now()),
    state: 'stopped',
    tmux_session: null,
    agent: last?.agent ?? context.settings.default_agent,
    epoch: context.epoch,
  };
}
