import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type * as v from 'valibot';
import { isFinal, type Job } from '../model/job';
import { Health, SessionMetadata } from '../model/session';
import { type Clock, isoTime } from '../support/clock';
import { appendHistory, findInHistory } from './history';
import { readJson, setAside, writeJson } from './jsonFile';
import type { Layout, SessionLayout } from './layout';
import { hasOwnFiles } from './ownJobs';
import { QueueFile } from './queueFile';

/** How many jobs of a session were paused or failed, and the files that were set aside. */
export interface Disarmed {
  paused: number;
  failed: number;
  aside: string[];
}

/** Takes from a session that came from elsewhere all that would run or be resumed by itself; keeps its prompts, answers and history. */
export async function disarmSession(layout: Layout, files: SessionLayout, clock: Clock): Promise<Disarmed> {
  const now = isoTime(clock.now());
  const result: Disarmed = { paused: 0, failed: 0, aside: [] };
  /** A file that this version can't check is put where no later version takes it up. */
  const readOrSetAside = async <S extends v.GenericSchema>(schema: S, file: string) => {
    const read = await readJson(schema, file);
    if (read.kind === 'ok') return read.value;
    if (read.kind !== 'missing') result.aside.push(await setAside(file, clock.now()));
    return undefined;
  };

  // The epoch of another machine's claims says nothing here, and could outrank our own runner's: 0 is older than any.
  const queue = await readOrSetAside(QueueFile, files.queue);
  if (queue) {
    const jobs = queue.jobs.map((job) => disarmJob(layout, files, job, now));
    await fs.mkdir(files.historyDir, { recursive: true, mode: 0o700 });
    for (const job of jobs) {
      // It is there already when an adoption before this one was cut off.
      if (isFinal(job.status) && !(await findInHistory(files, job.job_id))) await appendHistory(files, job, 0);
    }
    const kept = jobs.filter((job) => !isFinal(job.status));
    await writeJson(files.queue, { ...queue, epoch: 0, jobs: kept });
    result.failed = jobs.length - kept.length;
    result.paused = kept.length;
  }
  const metadata = await readOrSetAside(SessionMetadata, files.metadata);
  if (metadata && metadata.session_id !== path.basename(files.dir)) {
    result.aside.push(await setAside(files.metadata, clock.now()));
  } else if (metadata) {
    const { waiting, conversation_id, message, notice, ...kept } = metadata;
    const state = metadata.state === 'deleted' ? 'deleted' : 'stopped';
    await writeJson(files.metadata, { ...kept, state, tmux_session: null, updated_at: now, epoch: 0 });
  }
  const health = await readOrSetAside(Health, files.health);
  if (health) {
    const { version } = health;
    const stopped = { state: 'stopped', tmux_active: false, claude_ready: false, last_probe: null, error_count: 0 };
    await writeJson(files.health, { version, ...stopped, epoch: 0 });
  }
  return result;
}

/** The job as it may stand here: paused, or failed when it ran or names files that aren't its session's own. */
function disarmJob(layout: Layout, files: SessionLayout, job: Job, now: string): Job {
  const { waiting, phase, prompt_id, ...kept } = job;
  if (isFinal(job.status)) return kept;
  const id = path.basename(files.dir);
  if (job.session_id !== id || !hasOwnFiles(layout, id, job)) {
    return failed(kept, 'refused', 'It names a session or files that are not its own.', now);
  }
  if (job.status === 'running') {
    return failed(kept, 'session_lost', 'It was running when the folder was copied from elsewhere.', now);
  }
  return { ...kept, status: 'paused' };
}

function failed(job: Job, reason: 'refused' | 'session_lost', message: string, now: string): Job {
  return { ...job, status: 'failed', reason, message, finished_at: now };
}
