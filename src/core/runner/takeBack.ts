import type { Job } from '../model/job';
import type { AgentPane, Look } from '../sessions/agentPane';
import type { Clock } from '../support/clock';
import { instructionFor, reminderFor } from './instruction';
import { sameLine } from './sendInstruction';

/** How long a key has for its effect before it is pressed again, and how often it is, at most. */
const effectMs = 1000;
const mostPresses = 5;

/** Presses what takes a job's doings back, if the screen shows any; true when there was something to take back. */
export type TakeBack = (look: Look) => Promise<boolean>;

/**
 * Takes back what a job that is over left in a session's pane: interrupts its turn, or clears its line that stands unsent.
 * A line or a turn may show only some time after it was typed, so it is to be called with each look until the pane is idle.
 * With `line` a turn is left to go on.
 */
export function takeBack(pane: AgentPane, job: Job, clock: Clock, what: 'all' | 'line' = 'all'): TakeBack {
  let pressedAt = Number.NEGATIVE_INFINITY;
  let presses = 0;
  let before = '';
  return async ({ state, digest }) => {
    const most = pane.agent.receipts ? mostPresses : 1;
    const leave = presses >= most || (what === 'line' && state.kind !== 'typed');
    const keys = leave ? undefined : keysFor(pane, job, state);
    if (!keys) return false;
    if (clock.monotonic() - pressedAt < effectMs) return true;
    // A program that stands still has not read the last key yet; it would find them all when it goes on.
    if (presses > 0 && digest === before) return true;
    before = digest;
    pressedAt = clock.monotonic();
    presses++;
    await pane.press(keys);
    return true;
  };
}

function keysFor({ agent }: AgentPane, job: Job, state: Look['state']): string[] | undefined {
  switch (state.kind) {
    case 'typed': {
      const own = [instructionFor(job, agent.instruction), reminderFor(job)].some((line) => sameLine(state.text, line));
      return own ? agent.clearKeys : undefined;
    }
    case 'working':
      return agent.interruptKeys;
    case 'dialog':
      return state.dialog.kind === 'permission' ? agent.interruptKeys : undefined;
    default:
      // A screen that tells nothing may hide a turn of a CLI that gives no receipts.
      return agent.receipts ? undefined : agent.interruptKeys;
  }
}
