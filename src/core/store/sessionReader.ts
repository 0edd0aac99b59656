import { lstatSync } from 'node:fs';
import { isFinal, type Job } from '../model/job';
import { Health, SessionMetadata } from '../model/session';
import { messageOf } from '../support/errors';
import { endsLive, type MarkedHistory, readHistoryNow, readMarkedHistory } from './history';
import type { JsonRead } from './jsonFile';
import type { Layout, SessionLayout } from './layout';
import { QueueFile } from './queueFile';
import { requireRealFolder } from './realFolder';
import type { StateReader } from './stateReader';

/** One session as its files tell it: live jobs in queue order, finished jobs newest first. */
export interface SessionView {
  metadata: SessionMetadata;
  health?: Health;
  jobs: Job[];
  finished: Job[];
  /** How the history stood before those were read, see `historyMark`; not set when they were not. */
  historyMark?: string;
}

/** What reading a session came to; `problems` are sentences about files that couldn't be read. */
export interface SessionRead {
  view?: SessionView;
  problems: string[];
}

/** Reads one session's files without changing anything. Never throws. */
export async function readSession(
  layout: Layout,
  id: string,
  historyLimit: number,
  states: StateReader,
): Promise<SessionRead> {
  const files = layout.session(id);
  try {
    await requireRealFolder(layout, files.dir);
    const [metadata, queue, health] = await Promise.all([
      states.read(SessionMetadata, files.metadata),
      states.read(QueueFile, files.queue),
      states.read(Health, files.health),
    ]);
    // After the queue: a job that ends meanwhile is found in one of the two.
    const history = historyLimit > 0 ? await readMarkedHistory(files, historyLimit) : none;
    return assemble(id, files, { metadata, queue, health, history });
  } catch (error) {
    return unreadable(files, error);
  }
}

/** As `readSession`, in one go, for one of a folder that was just listed; undefined when that would take long. */
export function readSessionNow(
  layout: Layout,
  id: string,
  historyLimit: number,
  states: StateReader,
): SessionRead | undefined {
  const files = layout.session(id);
  try {
    const metadata = states.readNow(SessionMetadata, files.metadata);
    const queue = states.readNow(QueueFile, files.queue);
    // Most have none, and an open that fails takes ten times as long as a look.
    const hasHealth = lstatSync(files.health, { throwIfNoEntry: false }) !== undefined;
    const health: JsonRead<Health> | undefined = hasHealth ? states.readNow(Health, files.health) : { kind: 'missing' };
    const history = historyLimit > 0 ? readHistoryNow(files, historyLimit) : none;
    return metadata && queue && health && history && assemble(id, files, { metadata, queue, health, history });
  } catch (error) {
    return unreadable(files, error);
  }
}

function unreadable({ dir }: SessionLayout, error: unknown): SessionRead {
  return { problems: [`${dir} can't be read: ${messageOf(error)}`] };
}

interface Reads {
  metadata: JsonRead<SessionMetadata>;
  queue: JsonRead<QueueFile>;
  health: JsonRead<Health>;
  history: Partial<MarkedHistory> & Pick<MarkedHistory, 'jobs'>;
}

/** Of a history that is not read. */
const none = { jobs: [] };

function assemble(id: string, files: SessionLayout, { metadata, queue, health, history }: Reads): SessionRead {
  const problems = [metadata, queue, health].flatMap((read) => ('message' in read ? [read.message] : []));
  if (metadata.kind !== 'ok') return { problems };
  if (metadata.value.session_id !== id) {
    const other = `${files.metadata} is of another session, "${metadata.value.session_id}"`;
    return { problems: [...problems, other] };
  }
  // A job that is in both was finished, and the queue not yet rewritten, or else a superseded runner thinks so.
  const { jobs: all, epoch } = queue.kind === 'ok' ? queue.value : { jobs: [], epoch: 0 };
  const queued = all.filter((job) => job.session_id === id && !isFinal(job.status));
  const ids = new Set(queued.map((job) => job.job_id));
  const finished = history.jobs.filter((job) => !ids.has(job.job_id) || endsLive(job, epoch));
  const done = new Set(finished.map((job) => job.job_id));
  const jobs = queued.filter((job) => !done.has(job.job_id));
  const own = health.kind === 'ok' ? health.value : undefined;
  return { view: { metadata: metadata.value, health: own, jobs, finished, historyMark: history.mark }, problems };
}
