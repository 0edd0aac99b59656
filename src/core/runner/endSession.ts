import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { ManagedSession } from '../sessions/managedSession';
import { hasCode } from '../support/errors';
import { killSession, listPanes } from '../tmux/commands';
import { sessionName } from '../tmux/names';
import type { RequestContext } from './context';
import { finishUnstarted } from './finishUnstarted';

/** Ends a session's CLI and cancels its jobs, each kept in the history with its prompt. */
export async function stopSession(context: RequestContext, session: ManagedSession): Promise<ManagedSession> {
  const message = 'The session was stopped.';
  const ends: Promise<void>[] = [];
  for (const job of [...session.jobs]) {
    const run = context.runs.get(job.job_id);
    if (run) {
      run.stop({ kind: 'cancelled', message });
      ends.push(run.done);
    } else await finishUnstarted(context, session, job, message);
  }
  const name = sessionName(context.settings, session.id);
  const there = (await context.tmux.callIfServer(listPanes()))?.some((pane) => pane.session === name);
  if (there) await context.tmux.call(killSession(context.epoch, name));
  await session.pane?.checkEnd();
  await Promise.all([...ends, session.starting?.catch(() => undefined)]);
  const pane = session.pane;
  session.setPane(undefined);
  if (pane) await context.launcher.discard(pane);
  session.moveTo('stopped', { tmux_session: null });
  return session;
}

/** Stops a session and moves its folder to `sessions/deleted/`. */
export async function deleteSession(context: RequestContext, session: ManagedSession): Promise<void> {
  await stopSession(context, session);
  session.moveTo('deleted', { tmux_session: null });
  await session.flush();
  context.sessions.delete(session.id);
  let target = path.join(context.layout.deleted, session.id);
  const taken = await fs.access(target).then(
    () => true,
    (error) => !hasCode(error, 'ENOENT'),
  );
  if (taken) target = `${target}-${context.clock.random().slice(0, 8)}`;
  await fs.rename(session.files.dir, target);
}
