import type { AgentPane } from '../sessions/agentPane';
import type { ManagedSession } from '../sessions/managedSession';
import type { RequestContext } from './context';

/** The pane of a session whose CLI is up and which has no job, start or recovery; undefined when it has. */
export function idlePane(context: RequestContext, session: ManagedSession): AgentPane | undefined {
  const { pane, jobs } = session;
  const works = jobs.some((job) => job.status === 'running' && job.mode === 'session');
  const between = session.starting !== undefined || session.recovering !== undefined;
  if (pane === undefined || pane.ended || isHeld(context, pane)) return undefined;
  return session.isUp && session.metadata.ready_at !== undefined && !works && !between ? pane : undefined;
}

/** A job that has ended may not have given its pane back yet. */
function isHeld(context: RequestContext, pane: AgentPane): boolean {
  for (const run of context.runs.values()) if (run.pane === pane) return true;
  return false;
}

/** The panes in which something goes on, or is waited for: all that live, but those of sessions that are idle and ready. */
export function panesInUse(context: RequestContext): Set<AgentPane> {
  const used = new Set<AgentPane>();
  for (const pane of context.panes) if (!pane.ended) used.add(pane);
  for (const session of context.sessions.values()) {
    const pane = session.metadata.state === 'ready' ? idlePane(context, session) : undefined;
    if (pane) used.delete(pane);
  }
  return used;
}
