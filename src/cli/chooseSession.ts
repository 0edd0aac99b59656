import type { SessionMetadata } from '../core/model/session';

/**
 * The session that a prompt goes to when none is named: the only one there is (of that agent, when one is named), else `main`.
 * When `main` belongs to another agent, it is a session that is called like the agent.
 */
export function chooseSession(
  sessions: readonly Pick<SessionMetadata, 'session_id' | 'agent' | 'state'>[],
  agent?: string,
): string {
  const present = sessions.filter((session) => session.state !== 'deleted');
  const candidates = present.filter((session) => agent === undefined || session.agent === agent);
  const only = candidates.length === 1 ? candidates[0] : undefined;
  if (only) return only.session_id;
  const main = present.find((session) => session.session_id === 'main');
  return main && agent !== undefined && main.agent !== agent ? agent : 'main';
}
