import { findInHistory, justEnded } from '../store/history';
import { messageOf } from '../support/errors';
import type { Pane } from '../tmux/commands';
import { freshPrefix } from '../tmux/names';
import type { RequestContext } from './context';

/**
 * Ends the tmux sessions of fresh jobs that have ended: a runner that was killed between the two, or a tmux that hung, left
 * them. Only what the job itself says is its own is ended; all else under such a name is a person's to decide on.
 */
export class EndFinished {
  /** The launches of panes that no job knows of; their names are not looked up again. */
  private readonly unknown = new Set<string>();

  constructor(private readonly context: RequestContext) {}

  /** Looks at a list of all panes. */
  async look(panes: readonly Pane[]): Promise<void> {
    const { settings, runs, launcher, log } = this.context;
    const prefix = freshPrefix(settings);
    for (const { session, launch_id } of panes.filter((pane) => pane.session.startsWith(prefix))) {
      const id = session.slice(prefix.length);
      if (launch_id === '' || runs.has(id) || !(await this.isFinished(id, launch_id))) continue;
      try {
        await launcher.clear(session);
        log.info(`${id} has ended, and so was what it left in tmux`);
      } catch (error) {
        log.warn(`${id} has ended, and what it left in tmux could not be: ${messageOf(error)}`);
      }
    }
  }

  private async isFinished(id: string, launchId: string): Promise<boolean> {
    const sessions = [...this.context.sessions.values()];
    if (this.unknown.has(launchId) || sessions.some((session) => session.job(id))) return false;
    for (const session of sessions) {
      const job = await findInHistory(session.files, id, justEnded);
      // One that failed before its line was typed names no launch.
      if (job?.mode === 'fresh' && (job.launch_id ?? launchId) === launchId) return true;
    }
    this.unknown.add(launchId);
    return false;
  }
}
