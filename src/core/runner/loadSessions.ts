import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { idPattern } from '../model/ids';
import type { Job } from '../model/job';
import { Health, SessionMetadata } from '../model/session';
import { ManagedSession } from '../sessions/managedSession';
import { findInHistory, justEnded, readHistory } from '../store/history';
import { type JsonRead, readJson, setAside } from '../store/jsonFile';
import type { SessionLayout } from '../store/layout';
import { QueueFile } from '../store/queueFile';
import { namesIn } from '../store/userState';
import { isLeftover } from '../store/wholeFile';
import { isoTime } from '../support/clock';
import { CourierError } from '../support/errors';
import type { RunnerContext } from './context';

/** Makes a session that isn't there yet; its files are written, nothing is started. */
export async function createSession(
  context: RunnerContext,
  id: string,
  agent: string,
  name = id,
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
    epoch: context.epoch,
  };
  const files = context.layout.session(id);
  if ((await namesIn(files.dir)).length > 0) {
    throw new CourierError(
      'invalid_request',
      `${files.dir} is there already, and this Tmux Courier can't use it (its log says why). Nothing in it was changed; choose another session id.`,
    );
  }
  const session = new ManagedSession(files, metadata, newHealth(context.epoch), [], context);
  await session.makeFolders();
  session.moveTo('created');
  session.saveQueue();
  context.sessions.set(id, session);
  return session;
}

/** Reads every session of the folder from disk. A file that can't be read is set aside and named; a newer version's session is left alone. */
export async function loadSessions(context: RunnerContext): Promise<void> {
  for (const id of (await namesIn(context.layout.active)).filter((name) => idPattern.test(name))) {
    const files = context.layout.session(id);
    const [metadata, health, queue] = [
      await usable(context, await readJson(SessionMetadata, files.metadata), files.metadata),
      await usable(context, await readJson(Health, files.health), files.health),
      await usable(context, await readJson(QueueFile, files.queue), files.queue),
    ];
    if (metadata === 'newer' || health === 'newer' || queue === 'newer') continue;
    await sweepLeftovers(files);
    const jobs = await stillLive(files, queue?.jobs ?? []);
    const known = metadata?.session_id === id ? metadata : undefined;
    const session = new ManagedSession(
      files,
      known ?? (await rebuilt(context, files, id, jobs)),
      health ?? newHealth(context.epoch),
      jobs.filter((job) => job.session_id === id),
      context,
    );
    await session.makeFolders();
    context.sessions.set(id, session);
  }
}

/** Removes the temporary files that a crash in the middle of a write left. */
async function sweepLeftovers(files: SessionLayout): Promise<void> {
  for (const dir of [files.dir, path.dirname(files.health)])
    for (const name of (await namesIn(dir)).filter(isLeftover)) await fs.rm(path.join(dir, name), { force: true });
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

async function usable<T>(context: RunnerContext, read: JsonRead<T>, file: string): Promise<T | 'newer' | undefined> {
  if (read.kind === 'ok') return read.value;
  if (read.kind === 'missing') return undefined;
  if (read.kind === 'newer') {
    context.log.warn(read.message);
    return 'newer';
  }
  const aside = await setAside(file, context.clock.now());
  context.log.error(`${read.message}. It was set aside as ${aside}; nothing else was touched.`);
  return undefined;
}

/** A job that is in the history was finished, and the queue not yet rewritten. */
async function stillLive(files: SessionLayout, jobs: Job[]): Promise<Job[]> {
  const live: Job[] = [];
  for (const job of jobs) if (!(await findInHistory(files, job.job_id, justEnded))) live.push(job);
  return live;
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
