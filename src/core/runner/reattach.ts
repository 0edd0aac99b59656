import type { Job } from '../model/job';
import type { AgentPane } from '../sessions/agentPane';
import type { ManagedSession } from '../sessions/managedSession';
import { handshake } from '../sessions/startSession';
import { CourierError, messageOf } from '../support/errors';
import { claimServer, type Pane } from '../tmux/commands';
import { sessionName } from '../tmux/names';
import type { RunnerContext } from './context';
import { JobRun } from './jobRun';

/** Marks the tmux server, if there is one, as this epoch's, and lists its panes. Throws `superseded`. */
export async function takeServer(context: RunnerContext): Promise<Pane[]> {
  const server = await context.tmux.callIfServer(claimServer(context.epoch));
  if (server && !server.owned) throw new CourierError('superseded', 'Another Tmux Courier has taken this folder over.');
  return server?.panes ?? [];
}

/**
 * Takes over what an earlier runner left in tmux: finds each session's pane by its own name, and returns the jobs that
 * were being executed, each with the pane in which its evidence is.
 */
export async function reattach(context: RunnerContext, panes: Pane[]): Promise<JobRun[]> {
  const runs: JobRun[] = [];
  for (const session of context.sessions.values()) {
    try {
      reattachSession(context, session, panes);
    } catch (error) {
      session.moveTo('lost', { message: messageOf(error) });
    }
    for (const job of session.jobs) if (job.status === 'running') runs.push(resumedRun(context, session, job, panes));
  }
  const running = runs.flatMap((run) => run.job.launch_id ?? []);
  await context.launcher.sweep(new Set([...running, ...panes.map((pane) => pane.launch_id)]));
  context.panes.see(panes);
  for (const pane of context.panes) await pane.readReceipts();
  return runs;
}

function reattachSession(context: RunnerContext, session: ManagedSession, panes: Pane[]): void {
  if (!session.isUp) return;
  const found = panes.find((pane) => pane.session === sessionName(context.settings, session.id));
  if (!found || found.dead) {
    const action = found ? 'restart_claude' : 'restart_tmux';
    const reason = found ? 'the agent has ended' : 'its tmux session is gone';
    session.moveTo('lost', { message: `While nobody looked, ${reason}.` }, { action, reason });
    return;
  }
  const { ready_at, waiting } = session.metadata;
  const pane = context.launcher.adopt(found, context.launcher.agent(session.metadata.agent), waiting);
  session.setPane(pane);
  pane.started = ready_at !== undefined;
  if (ready_at === undefined) goOnStarting(context, session, pane);
  else session.rest('ready');
}

function goOnStarting(context: RunnerContext, session: ManagedSession, pane: AgentPane): void {
  session.rest('tmux_started');
  const options = { clock: context.clock, settings: context.settings };
  const starting = handshake(session, pane, { launcher: context.launcher, options, signal: context.stopping });
  session.starting = starting.finally(() => {
    session.starting = undefined;
    context.wake();
  });
  session.starting.catch((error) => {
    if (context.stopping.aborted) return;
    session.moveTo('error', { message: messageOf(error) }, { error: messageOf(error) });
  });
}

function resumedRun(context: RunnerContext, session: ManagedSession, job: Job, panes: Pane[]): JobRun {
  const run = new JobRun(context, session, job);
  if (job.attempts === 0) return run;
  if (!run.isFresh && session.pane && session.pane.at.launch_id === job.launch_id) {
    run.setPane(session.pane);
    session.rest('busy');
    return run;
  }
  const agent = context.launcher.agent(job.agent);
  const own = run.isFresh
    ? panes.find((pane) => pane.session === run.freshName && pane.launch_id === job.launch_id)
    : undefined;
  if (own) run.setPane(context.launcher.adopt(own, agent, job.waiting));
  else if (job.launch_id) run.setPane(context.launcher.ghost(job.launch_id, agent));
  return run;
}
