import { CourierError } from '../support/errors';
import type { AgentPane } from './agentPane';
import { howItEnded } from './health';

/** How often in a row an agent may ask to be started again. */
const mostRestarts = 5;

/**
 * Starts an agent, and again when it ends with the wish for that (`agent_restarts`), such as to take up what was answered in a
 * dialog. `attempt` is told whether it was started before; `say` is told of each further start.
 */
export async function startOften(
  attempt: (again: boolean) => Promise<AgentPane>,
  say: (message: string) => void,
): Promise<AgentPane> {
  for (let restarts = 0; ; restarts++)
    try {
      return await attempt(restarts > 0);
    } catch (error) {
      if (!(error instanceof CourierError && error.code === 'agent_restarts') || restarts >= mostRestarts) throw error;
      say(error.message);
    }
}

/** Why an agent is not there whose program ended while it was starting: `agent_restarts` when it wants to be started again, else `agent_exited`. */
export async function endedAtStart(pane: AgentPane): Promise<CourierError> {
  const { title } = pane.agent;
  if (await wantsRestart(pane)) return new CourierError('agent_restarts', `${title} asked to be started again.`);
  return new CourierError('agent_exited', `${title} ended while it was starting (${await endOf(pane)}).`);
}

async function wantsRestart(pane: AgentPane): Promise<boolean> {
  const { restartStatus } = pane.agent;
  if (restartStatus === undefined) return false;
  const end = await pane.exitStatus();
  return end.kind === 'exited' && end.exit_status === restartStatus;
}

/** How a program ended and its last words, for a person. */
export async function endOf(pane: AgentPane): Promise<string> {
  const { ended } = pane;
  if (pane.endedBecause) return pane.endedBecause;
  if (!ended || ended.kind === 'gone') return howItEnded({ kind: 'gone' });
  const how = howItEnded(await pane.exitStatus());
  const words = await lastWords(pane);
  return words === '' ? how : `${how}; its last words: ${words}`;
}

/** The last rows of what a program that has ended has shown; empty when that can't be seen any more. */
export const lastWords = (pane: AgentPane) => pane.lastScreen(6).catch(() => '');
