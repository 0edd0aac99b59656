import type { Clock } from '../support/clock';
import { CourierError } from '../support/errors';
import { seeGone } from '../support/processGone';
import { identityOf } from '../support/processIdentity';
import { type TmuxClient, TmuxError } from '../tmux/client';
import { killSession, listPanes, type Pane, respawnPane } from '../tmux/commands';

/** What it takes to end a program of ours. */
export interface EndContext {
  tmux: TmuxClient;
  epoch: number;
  clock: Clock;
}

/** What keeps a pane open while its program is changed: waits, and does nothing with what is typed. */
const holder = ['tail', '-f', '/dev/null'];

/** The pane of ours under a tmux name: the one with a launch's mark, else whatever stands there. */
export function findPane(panes: readonly Pane[], tmuxName: string): Pane | undefined {
  const all = panes.filter((pane) => pane.session === tmuxName);
  return all.find((pane) => pane.launch_id !== '') ?? all[0];
}

/** Kills the tmux session of this name, if there is one, and sees its program gone. Returns the pane that stood there. */
export async function endTmuxSession(context: EndContext, tmuxName: string): Promise<Pane | undefined> {
  const { tmux, epoch, clock } = context;
  const pane = findPane((await tmux.callIfServer(listPanes())) ?? [], tmuxName);
  if (!pane) return undefined;
  const program = pane.dead ? undefined : await identityOf(pane.pid);
  try {
    if (!(await tmux.call(killSession(epoch, tmuxName)))) throw supersededError();
  } catch (error) {
    // Whoever else ended it since the look at it, or the server with it: it is not there any more.
    if (!(error instanceof TmuxError) || findPane((await tmux.callIfServer(listPanes())) ?? [], tmuxName)) throw error;
  }
  if (program) await seeGone(program, clock);
  return pane;
}

/**
 * Ends the program in a pane, and leaves the pane standing for the next one, with whoever is attached. The next one may
 * take up the same conversation, so it begins only when this one is gone. Returns the pane as it is then.
 */
export async function vacate(context: EndContext, pane: Pane): Promise<Pane> {
  const { tmux, epoch, clock } = context;
  if (pane.dead) return pane;
  const program = await identityOf(pane.pid);
  if (!(await tmux.call(respawnPane(epoch, pane, { argv: holder, env: {}, launch_id: undefined }))))
    throw supersededError();
  await seeGone(program, clock);
  return { ...pane, launch_id: '' };
}

const supersededError = () =>
  new CourierError('superseded', 'Another Tmux Courier has taken this folder over; nothing was ended.');
