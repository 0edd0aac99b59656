import { endTmuxSession } from '../sessions/endProgram';
import type { ManagedSession } from '../sessions/managedSession';
import { sessionName } from '../tmux/names';
import type { RequestContext } from './context';
import { finishUnstarted } from './finishUnstarted';

/** Ends a session's CLI and cancels its jobs, each kept in the history with its prompt. */
export async function stopSession(
  context: RequestContext,
  session: ManagedSession,
  message = 'The session was stopped.',
): Promise<ManagedSession> {
  const ends: Promise<void>[] = [];
  for (const job of [...session.jobs]) {
    const run = context.runs.get(job.job_id);
    if (run) {
      run.stop({ kind: 'cancelled', message });
      ends.push(run.done);
    } else await finishUnstarted(context, session, job, message);
  }
  const name = sessionName(context.settings, session.id);
  await endTmuxSession(context, name);
  // A start that was just making its tmux session would go on in it, perhaps to a dialog that nobody is there to answer.
  while (session.starting) {
    const started = session.starting.catch(() => undefined);
    await Promise.race([started, new Promise<void>((resolve) => context.clock.after(50, resolve))]);
    await endTmuxSession(context, name);
    await session.pane?.checkEnd();
  }
  // What is below would take another runner's receipts away, if it owns the folder by now.
  await context.guard();
  await session.pane?.checkEnd();
  await Promise.all(ends);
  const pane = session.pane;
  session.setPane(undefined);
  if (pane) await context.launcher.discard(pane);
  session.moveTo('stopped', { tmux_session: null });
  return session;
}
