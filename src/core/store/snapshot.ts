import { idPattern } from '../model/ids';
import type { Job } from '../model/job';
import { Health, SessionMetadata } from '../model/session';
import { type RunnerInfo, readRunner } from '../runner/claims';
import type { Clock } from '../support/clock';
import { type FolderStanding, folderStanding } from './folder';
import { findInHistory, readHistory } from './history';
import { readJson } from './jsonFile';
import type { Layout } from './layout';
import { QueueFile } from './queueFile';
import { namesIn, type UserState } from './userState';

/** One session as its files tell it: live jobs in queue order, finished jobs newest first. */
export interface SessionView {
  metadata: SessionMetadata;
  health?: Health;
  jobs: Job[];
  finished: Job[];
}

/** A whole `.courier` folder as its files tell it. `problems` are sentences about files that couldn't be read. */
export interface FolderSnapshot {
  standing: FolderStanding;
  runner: RunnerInfo | null;
  sessions: SessionView[];
  problems: string[];
}

/** Reads a folder without changing anything; any process may, at any time. */
export async function readSnapshot(
  layout: Layout,
  user: UserState,
  clock: Clock,
  options: { historyLimit: number },
): Promise<FolderSnapshot> {
  const standing = await folderStanding(layout, user);
  const problems: string[] = [];
  const ids = (await namesIn(layout.active)).filter((name) => idPattern.test(name)).sort();
  const views = await Promise.all(ids.map((id) => readSession(layout, id, options.historyLimit, problems)));
  const sessions = views.filter((view) => view !== undefined);
  sessions.sort((a, b) => a.metadata.created_at.localeCompare(b.metadata.created_at));
  const runner = standing.kind === 'own' ? await readRunner(user.folder(standing.registration.folder_id), clock) : null;
  return { standing, runner, sessions, problems };
}

async function readSession(
  layout: Layout,
  id: string,
  historyLimit: number,
  problems: string[],
): Promise<SessionView | undefined> {
  const files = layout.session(id);
  const [metadata, queue, health] = await Promise.all([
    readJson(SessionMetadata, files.metadata),
    readJson(QueueFile, files.queue),
    readJson(Health, files.health),
  ]);
  // After the queue: a job that ends meanwhile is found in one of the two.
  const finished = historyLimit > 0 ? await readHistory(files, historyLimit) : [];
  for (const read of [metadata, queue, health]) if ('message' in read) problems.push(read.message);
  if (metadata.kind !== 'ok' || metadata.value.session_id !== id) return undefined;
  // A job that is in both was finished, and the queue not yet rewritten.
  const done = new Set(finished.map((job) => job.job_id));
  const jobs = queue.kind === 'ok' ? queue.value.jobs.filter((job) => !done.has(job.job_id)) : [];
  return { metadata: metadata.value, health: health.kind === 'ok' ? health.value : undefined, jobs, finished };
}

/** Finds one job, live or finished; `sessionId` saves looking through all sessions, `among` long histories. */
export async function findJob(
  layout: Layout,
  jobId: string,
  sessionId?: string,
  among?: number,
): Promise<Job | undefined> {
  const ids = sessionId ? [sessionId] : (await namesIn(layout.active)).filter((name) => idPattern.test(name));
  for (const id of ids) {
    const files = layout.session(id);
    const queue = await readJson(QueueFile, files.queue);
    const live = queue.kind === 'ok' ? queue.value.jobs.find((job) => job.job_id === jobId) : undefined;
    // Looked at in this order, a job that ends meanwhile is found in one of the two; its end is believed over the queue.
    const finished = await findInHistory(files, jobId, among);
    if (finished ?? live) return finished ?? live;
  }
  return undefined;
}

/** A live job and its session's metadata, from two small files; undefined when the job isn't in that queue. */
export async function readLiveJob(
  layout: Layout,
  sessionId: string,
  jobId: string,
): Promise<{ job: Job; metadata: SessionMetadata } | undefined> {
  const files = layout.session(sessionId);
  const [queue, metadata] = await Promise.all([
    readJson(QueueFile, files.queue),
    readJson(SessionMetadata, files.metadata),
  ]);
  const job = queue.kind === 'ok' ? queue.value.jobs.find((one) => one.job_id === jobId) : undefined;
  return job && metadata.kind === 'ok' ? { job, metadata: metadata.value } : undefined;
}
