import { newSessionId } from '../core/model/newSessionId';

export { newSessionId };

/** A name to offer for a new session: `main` for the first, then the agent's id with a number. */
export function suggestName(agent: string, taken: ReadonlySet<string>): string {
  return taken.size === 0 ? 'main' : newSessionId(agent, taken);
}
