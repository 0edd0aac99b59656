import { idPattern, isDeletedName } from '../model/ids';
import type { Job } from '../model/job';
import { SessionMetadata } from '../model/session';
import { newestEpoch, type RunnerInfo } from '../runner/claims';
import type { Clock } from '../support/clock';
import { type FolderStanding, folderStanding } from './folder';
import { FolderReader } from './folderReader';
import { endsLive, findInHistory } from './history';
import { readJson } from './jsonFile';
import type { Layout, SessionLayout } from './layout';
import { QueueFile } from './queueFile';
import { isRealFolder } from './realFolder';
import type { SessionView } from './sessionReader';
import { StateReader } from './stateReader';
import type { TmuxSession } from './tmuxSessions';
import { namesIn, type UserState } from './userState';

export type { SessionView } from './sessionReader';

/** A whole `.courier` folder as its files tell it. `problems` are sentences about files that couldn't be read. */
export interface FolderSnapshot {
  standing: FolderStanding;
  runner: RunnerInfo | null;
  sessions: SessionView[];
  /**
   * Set in a first look at many sessions: finished jobs are not read yet, of any or of those `atRest`, and stand in the next snapshot.
   */
  partial?: 'any' | 'atRest';
  /** tmux sessions on the folder's server that are neither a session's nor a live fresh job's, as the runner last saw them. */
  unmanaged: TmuxSession[];
  problems: string[];
}

/** What follows a folder's files over time reads them with this one. */
export function followStates(layout: Layout, user: UserState): StateReader {
  return new StateReader(async () => {
    const standing = await folderStanding(layout, user);
    return standing.kind === 'own' ? newestEpoch(user.folder(standing.registration.folder_id)) : 0;
  });
}

/** Reads a folder without changing anything; any process may, at any time. `states` is of `followStates`, for who reads it again and again. */
export function readSnapshot(
  layout: Layout,
  user: UserState,
  clock: Clock,
  options: { historyLimit: number },
  states = new StateReader(),
): Promise<FolderSnapshot> {
  return new FolderReader(layout, user, clock, options.historyLimit, states).look(new Set(), 'all');
}

/** What all sessions are, without their jobs: for who only has to choose one. One that can't be read is passed over. */
export async function readSessions(layout: Layout): Promise<SessionMetadata[]> {
  const read = async (id: string) => {
    const files = layout.session(id);
    if (!(await isRealFolder(layout, files.dir))) return [];
    const metadata = await readJson(SessionMetadata, files.metadata);
    return metadata.kind === 'ok' && metadata.value.session_id === id ? [metadata.value] : [];
  };
  const ids = await sessionIds(layout);
  return (await Promise.all(ids.map((id) => read(id).catch(() => [])))).flat();
}

async function sessionIds(layout: Layout): Promise<string[]> {
  return (await namesIn(layout.active)).filter((name) => idPattern.test(name)).sort();
}

/** Finds one job, live or finished, also in a deleted session; `sessionId` saves looking through all sessions, `among` long histories. */
export async function findJob(
  layout: Layout,
  jobId: string,
  sessionId?: string,
  among?: number,
  states = new StateReader(),
): Promise<Job | undefined> {
  const idsIn = async (dir: string) => (await namesIn(dir)).filter((name) => idPattern.test(name));
  const active = (sessionId ? [sessionId] : await idsIn(layout.active)).map((id) => layout.session(id));
  const found = await findJobIn(active, jobId, among, states);
  if (found) return found;
  // Its session may have been deleted while somebody waits for it.
  const names = (await idsIn(layout.deleted)).filter(
    (name) => sessionId === undefined || isDeletedName(name, sessionId),
  );
  const deleted = names.map((name) => layout.deletedSession(name));
  return findJobIn(deleted, jobId, among, states);
}

async function findJobIn(
  sessions: SessionLayout[],
  jobId: string,
  among: number | undefined,
  states: StateReader,
): Promise<Job | undefined> {
  for (const files of sessions) {
    const queue = await states.read(QueueFile, files.queue);
    const live = queue.kind === 'ok' ? queue.value.jobs.find((job) => job.job_id === jobId) : undefined;
    // Looked at in this order, a job that ends meanwhile is found in one of the two; its end is believed over the queue.
    const finished = await findInHistory(files, jobId, among);
    if (live && !(finished && queue.kind === 'ok' && endsLive(finished, queue.value.epoch))) return live;
    if (finished) return finished;
  }
  return undefined;
}

/** A live job and its session's metadata, from two small files; undefined when the job isn't in that queue. */
export async function readLiveJob(
  layout: Layout,
  sessionId: string,
  jobId: string,
  states = new StateReader(),
): Promise<{ job: Job; metadata: SessionMetadata } | undefined> {
  const files = layout.session(sessionId);
  const [queue, metadata] = await Promise.all([
    states.read(QueueFile, files.queue),
    states.read(SessionMetadata, files.metadata),
  ]);
  const job = queue.kind === 'ok' ? queue.value.jobs.find((one) => one.job_id === jobId) : undefined;
  return job && metadata.kind === 'ok' ? { job, metadata: metadata.value } : undefined;
}
