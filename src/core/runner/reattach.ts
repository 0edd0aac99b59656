import type { Agent } from '../agents/agent';
import type { Job } from '../model/job';
import type { AgentPane } from '../sessions/agentPane';
import { findPane } from '../sessions/endProgram';
import { judge, unbegun } from '../sessions/health';
import type { ManagedSession } from '../sessions/managedSession';
import { goOnStarting } from '../sessions/startSession';
import { CourierError, messageOf } from '../support/errors';
import { claimServer, type Pane } from '../tmux/commands';
import { endClients } from '../tmux/endClients';
import { sessionName } from '../tmux/names';
import type { RunnerContext } from './context';
import { JobRun } from './jobRun';
import type { SessionKeeper } from './sessionKeeper';

/** Marks the tmux server, if there is one, as this epoch's, and lists its panes. Throws `superseded`. */
export async function takeServer(context: RunnerContext): Promise<Pane[]> {
  const server = await context.tmux.callIfServer(claimServer(context.epoch));
  if (server && !server.owned) throw new CourierError('superseded', 'Another Tmux Courier has taken this folder over.');
  const panes = server?.panes ?? [];
  await context.tmux.noteServer(panes);
  // Not waited for: nothing depends on it but the server's end.
  if (server) endClients(context.tmux).catch((error) => context.log.debug(`old clients of tmux stay: ${error}`));
  return panes;
}

/**
 * Takes over what an earlier runner left in tmux: finds each session's pane by its own name, and returns the jobs that
 * were being executed, each with the pane in which its evidence is.
 */
export async function reattach(context: RunnerContext, keeper: SessionKeeper, panes: Pane[]): Promise<JobRun[]> {
  const runs: JobRun[] = [];
  for (const session of context.sessions.values()) {
    try {
      reattachSession(context, keeper, session, panes);
    } catch (error) {
      session.moveTo('lost', { message: messageOf(error) });
    }
    for (const job of session.jobs) if (job.status === 'running') runs.push(resumedRun(context, session, job, panes));
  }
  await followPaneLogs(context, runs, panes);
  const running = runs.flatMap((run) => run.job.launch_id ?? []);
  await context.launcher.sweep(new Set([...running, ...panes.map((pane) => pane.launch_id)]));
  for (const pane of context.panes) await pane.readReceipts();
  return runs;
}

/** The setting may have changed since these panes were started. */
async function followPaneLogs(context: RunnerContext, runs: JobRun[], panes: Pane[]): Promise<void> {
  const owners = [...context.sessions.values(), ...runs.filter((run) => run.isFresh)];
  for (const owner of owners) {
    const listed = panes.find(
      (pane) => pane.pane_id === owner.pane?.at.pane_id && pane.launch_id === owner.pane.at.launch_id,
    );
    const session = owner instanceof JobRun ? owner.session : owner;
    try {
      if (listed) await context.launcher.followPaneLog(listed, session.files);
    } catch (error) {
      session.log('warn', `what its pane shows can't be kept: ${messageOf(error)}`);
    }
  }
}

function reattachSession(context: RunnerContext, keeper: SessionKeeper, session: ManagedSession, panes: Pane[]): void {
  const { state, ready_at, waiting } = session.metadata;
  // One that was only created may never have been meant to be started: jobs of mode fresh live in it, too.
  if (state === 'folder_created') {
    const { reason, action } = unbegun();
    session.moveTo('error', { message: `${reason}; the next job starts it.` }, { reason, action });
  }
  if (!session.isUp) return;
  const name = sessionName(context.settings, session.id);
  const found = findPane(panes, name);
  // A pane without a launch's mark holds none of our programs.
  if (!found || found.launch_id === '') {
    const { reason, action, tmux_active } = judge({ server: panes.length > 0, session: found !== undefined });
    session.moveTo('lost', { message: `While nobody looked: ${reason}.` }, { reason, action, tmux_active });
    return;
  }
  const pane = context.launcher.adopt(found, context.launcher.agent(session.metadata.agent), waiting);
  session.setPane(pane);
  pane.see(panes);
  pane.started = ready_at !== undefined;
  if (pane.ended) return;
  if (ready_at === undefined) finishStart(context, keeper, session, pane);
  else session.rest(session.jobs.some((job) => worksIn(pane, job)) ? 'busy' : 'ready');
}

/** Whether a job's line was typed into this pane, and its turn not seen to end. */
function worksIn(pane: AgentPane, { mode, status, attempts, launch_id }: Job): boolean {
  return mode === 'session' && status === 'running' && attempts > 0 && launch_id === pane.at.launch_id;
}

function finishStart(context: RunnerContext, keeper: SessionKeeper, session: ManagedSession, pane: AgentPane): void {
  session.rest('tmux_started');
  const options = { clock: context.clock, settings: context.settings };
  const starting = keeper.begin(session, (signal) =>
    goOnStarting(session, pane, { launcher: context.launcher, options, signal }),
  );
  starting.catch((error) => {
    if (context.stopping.aborted || !session.isUp) return;
    session.moveTo('error', { message: messageOf(error) }, { error: messageOf(error), action: 'restart_claude' });
  });
}

function resumedRun(context: RunnerContext, session: ManagedSession, job: Job, panes: Pane[]): JobRun {
  const run = new JobRun(context, session, job);
  if (job.attempts === 0) return run;
  if (session.pane && worksIn(session.pane, job)) {
    run.setPane(session.pane);
    return run;
  }
  let agent: Agent;
  try {
    agent = context.launcher.agent(job.agent);
  } catch (error) {
    // The user's settings don't know it any more: this job ends, and all others go on.
    session.log('warn', `${job.job_id}: ${messageOf(error)}`);
    return run;
  }
  const own = run.isFresh
    ? panes.find((pane) => pane.session === run.freshName && pane.launch_id === job.launch_id)
    : undefined;
  if (own) run.setPane(context.launcher.adopt(own, agent, job.waiting));
  else if (job.launch_id) run.setPane(context.launcher.ghost(job.launch_id, agent));
  return run;
}
