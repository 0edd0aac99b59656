import * as fs from 'node:fs/promises';
import { SessionMetadata } from '../model/session';
import type { ManagedSession } from '../sessions/managedSession';
import { readJson } from '../store/jsonFile';
import { requireRealFolder } from '../store/realFolder';
import { isThere } from '../store/wholeFile';
import { CourierError } from '../support/errors';
import type { RequestContext, RunnerContext } from './context';
import { stopSession } from './endSession';
import { loadSession } from './loadSessions';
import { moveToDeleted } from './moveToDeleted';

/** Ends a session and moves its folder to `sessions/deleted/`, once its tmux session is gone. */
export async function deleteSession(context: RequestContext, session: ManagedSession): Promise<void> {
  // Before anything is ended.
  await requireRealFolder(context.layout, context.layout.deleted);
  await stopSession(context, session, 'The session was deleted.');
  session.moveTo('deleted', { tmux_session: null });
  await session.flush();
  context.sessions.delete(session.id);
  await moveToDeleted(context, session.id);
}

/** Brings a deleted session back under its own id, stopped; what was not finished in it is paused. Throws when the id is taken. */
export async function restoreSession(context: RunnerContext, name: string): Promise<ManagedSession> {
  const { layout } = context;
  const files = await deletedFiles(context, name);
  const read = await readJson(SessionMetadata, files.metadata);
  if (read.kind === 'missing') throw invalid(`${files.dir} has no metadata.json, so it can't be restored.`);
  if (read.kind !== 'ok') throw invalid(`The session can't be restored: ${read.message}. Nothing was changed.`);
  const id = read.value.session_id;
  await requireRealFolder(layout, layout.active);
  if (context.sessions.has(id) || (await isThere(layout.session(id).dir))) {
    throw invalid(
      `There is a session "${id}" already, so the deleted one can't come back under that id. Nothing was changed; delete the other one first.`,
    );
  }
  await context.guard();
  await fs.rename(files.dir, layout.session(id).dir);
  const session = await loadSession(context, id);
  if (!session) {
    await fs.rename(layout.session(id).dir, files.dir);
    throw invalid(`The session can't be restored; the log says why. It is still in ${files.dir}.`);
  }
  for (const job of session.jobs) {
    if (job.status === 'pending') session.updateJob(job.job_id, { status: 'paused' });
  }
  session.moveTo('stopped', { tmux_session: null });
  session.log('info', 'restored');
  await session.flush();
  return session;
}

/** Removes a deleted session's folder for good. A link in it is removed, never followed. */
export async function purgeSession(context: RunnerContext, name: string): Promise<void> {
  const { dir } = await deletedFiles(context, name);
  await context.guard();
  await fs.rm(dir, { recursive: true });
  context.log.info(`${dir} was removed for good`);
}

async function deletedFiles(context: RunnerContext, name: string) {
  const { layout } = context;
  const files = layout.deletedSession(name);
  if (!(await isThere(files.dir))) throw invalid(`There is no deleted session "${name}" in ${layout.deleted}.`);
  await requireRealFolder(layout, files.dir);
  return files;
}

const invalid = (message: string) => new CourierError('invalid_request', message);
