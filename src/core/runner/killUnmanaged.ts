import { CourierError } from '../support/errors';
import { killSessionById, listPanes } from '../tmux/commands';
import type { RunnerContext } from './context';
import { tmuxSessions } from './serverNotes';

/** Ends a tmux session on the folder's server that is none of ours. Throws for every other name. */
export async function killUnmanaged(context: RunnerContext, name: string): Promise<void> {
  const panes = (await context.tmux.callIfServer(listPanes())) ?? [];
  const seen = tmuxSessions(context, panes).find((session) => session.name === name);
  if (!seen) {
    throw new CourierError('invalid_request', `There is no tmux session "${name}" on this folder's server any more.`);
  }
  if (seen.managed) {
    throw new CourierError(
      'invalid_request',
      `"${name}" is one of Tmux Courier's own. Nothing was ended: stop or delete its session, or cancel its job.`,
    );
  }
  await killTmuxSession(context, panes.find((pane) => pane.session === name)!.session_id);
  await context.seeServer((await context.tmux.callIfServer(listPanes())) ?? []);
  context.log.info(`the unmanaged tmux session "${name}" was ended`);
}

/** Ends a tmux session by tmux's own id of it, since a name may be anything. */
export async function killTmuxSession(context: RunnerContext, id: string): Promise<void> {
  if (await context.tmux.call(killSessionById(context.epoch, id))) return;
  throw new CourierError('superseded', 'Another Tmux Courier has taken this folder over.');
}
